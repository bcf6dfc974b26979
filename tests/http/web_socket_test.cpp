// WebSockets byte by byte: how one begins, what is refused in it, and everything that ends it.
#include "http/web_socket.hpp"

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <future>

#include "wire_fixture.hpp"

namespace berth::http::wire {
namespace {

constexpr std::string_view kHandshake =
    "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
// SHA-1 of that key and the GUID of RFC 6455, 1.3.
constexpr std::string_view kAccept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";
constexpr int kText = 1;
constexpr int kBinary = 2;
constexpr int kClose = 8;
constexpr int kPing = 9;

struct Frame {
  int opcode = -1;  // -1: none came
  std::string payload;

  int close_code() const {
    if (opcode != kClose || payload.size() < 2) return 0;
    return static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
  }
};

// As a client sends it, up to 64 KiB: masked, with a mask that shows where one is forgotten.
std::string masked(int opcode, std::string_view payload) {
  const std::string mask = "\x11\x22\x33\x44";
  std::string bytes(1, static_cast<char>(0x80 | opcode));
  if (payload.size() < 126) {
    bytes += static_cast<char>(0x80 | payload.size());
  } else {
    bytes += {'\xfe', static_cast<char>(payload.size() >> 8), static_cast<char>(payload.size())};
  }
  bytes += mask;
  for (std::size_t i = 0; i < payload.size(); ++i)
    bytes += static_cast<char>(payload[i] ^ mask[i % 4]);
  return bytes;
}

// Echoes what it gets, but for a few words.
class Echo {
 public:
  explicit Echo(WebSocketUpgrade options = {}) : options_(std::move(options)) {}

  Handler handler() {
    return [this](Request request) -> Task<Response> {
      auto key = web_socket_key(request);
      if (!key) co_return refuse_plainly(400, key.error().message);
      auto upgrade = std::make_shared<WebSocketUpgrade>(options_);
      upgrade->key = *key;
      upgrade->converse = [this](WebSocket& socket) { return converse(socket); };
      co_return Response{.status = 101, .web_socket = std::move(upgrade)};
    };
  }
  bool await_over() { return over_.get_future().wait_for(kPatience) == std::future_status::ready; }
  std::atomic<bool> may_go_on = true;
  std::atomic<std::size_t> sent = 0;

 private:
  Task<> converse(WebSocket& socket) {
    while (auto message = co_await socket.receive()) {
      if (message->bytes == "bye") co_return over_.set_value();
      if (message->bytes == "throw") throw std::runtime_error("secret detail");
      if (message->bytes == "recheck") socket.recheck();
      const bool is_flood = message->bytes == "flood";
      if (is_flood) message->bytes.assign(16 * 1024, 'x');
      do {
        WebSocketMessage copy = *message;
        const bool is_sent = co_await socket.send(std::move(copy));
        if (!is_sent) break;
        sent += message->bytes.size();
      } while (is_flood);
    }
    over_.set_value();
  }

  WebSocketUpgrade options_;
  std::promise<void> over_;
};

// A client of one server that speaks in frames.
class WebSocketTest : public ::testing::Test {
 protected:
  void start(WebSocketUpgrade options = {}, ListenOptions listen = {}) {
    options.may_go_on = [this]() -> Task<bool> { co_return echo->may_go_on.load(); };
    echo = std::make_unique<Echo>(std::move(options));
    server = std::make_unique<RunningServer>(echo->handler(), std::move(listen));
    client = std::make_unique<RawClient>(server->port());
  }
  void open(WebSocketUpgrade options = {}, ListenOptions listen = {}) {
    start(std::move(options), std::move(listen));
    client->send(kHandshake);
    const auto answer =
        client->read_until([](std::string_view text) { return text.ends_with("\r\n\r\n"); });
    ASSERT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
    ASSERT_TRUE(answer.contains(kAccept)) << answer;
  }
  Frame next_frame() {
    const auto has = [this](std::size_t bytes) {
      if (pending_.size() >= bytes) return true;
      pending_ += client->read_until(
          [&](std::string_view text) { return pending_.size() + text.size() >= bytes; });
      return pending_.size() >= bytes;
    };
    if (!has(2)) return {};
    std::size_t head = 2;
    std::size_t length = pending_[1] & 0x7f;
    if (length == 126) {
      if (!has(4)) return {};
      head = 4;
      length =
          static_cast<unsigned char>(pending_[2]) * 256u + static_cast<unsigned char>(pending_[3]);
    }
    if (!has(head + length)) return {};
    Frame frame{pending_[0] & 0x0f, pending_.substr(head, length)};
    pending_.erase(0, head + length);
    return frame;
  }

  std::unique_ptr<Echo> echo;
  std::unique_ptr<RunningServer> server;
  std::unique_ptr<RawClient> client;

 private:
  std::string pending_;
};

TEST_F(WebSocketTest, MessagesGoBothWaysAndTheEndIsSaid) {
  open();
  client->send(masked(kText, "hello") + masked(kBinary, std::string("\0\xff", 2)));
  EXPECT_EQ(next_frame().payload, "hello");
  const Frame binary = next_frame();
  EXPECT_EQ(binary.opcode, kBinary);
  EXPECT_EQ(binary.payload, std::string("\0\xff", 2));
  client->send(masked(kText, "bye"));
  EXPECT_EQ(next_frame().close_code(), 1000);
  client->send(masked(kClose, "\x03\xe8"));
  EXPECT_EQ(client->read_to_end(), "");
  client->close();
  EXPECT_TRUE(echo->await_over());
}

TEST_F(WebSocketTest, WhatIsNoHandshakeIsAnsweredAsHttp) {
  start();
  client->send(kLastGet);
  EXPECT_EQ(statuses(client->read_to_end()), std::vector{400});
  RawClient old(server->port());
  std::string text(kHandshake);
  text.replace(text.find(": 13"), 4, ": 8");
  text.replace(text.find("Host: h"), 7, "Host: h\r\nConnection: close");
  old.send(text);
  EXPECT_EQ(statuses(old.read_to_end()), std::vector{400});
}

TEST_F(WebSocketTest, FramesBeforeTheAnswerAreRefused) {
  start();
  client->send(std::string(kHandshake) + masked(kText, "too early"));
  EXPECT_EQ(statuses(client->read_to_end()), std::vector{400});
}

TEST_F(WebSocketTest, AnUnmaskedFrameIsAProtocolError) {
  open();
  client->send("\x81\x02hi");
  EXPECT_EQ(next_frame().close_code(), 1002);
  client->close();
  EXPECT_TRUE(echo->await_over());
}

TEST_F(WebSocketTest, ALongerMessageThanAllowedIsTooBig) {
  WebSocketUpgrade options;
  options.message_bytes = 1000;
  open(options);
  client->send(masked(kBinary, std::string(1000, 'x')));
  EXPECT_EQ(next_frame().payload.size(), 1000u);
  client->send(masked(kBinary, std::string(1001, 'x')));
  EXPECT_EQ(next_frame().close_code(), 1009);
  client->close();
  EXPECT_TRUE(echo->await_over());
}

TEST_F(WebSocketTest, TextIsUtf8) {
  open();
  client->send(masked(kText, "\xff"));
  EXPECT_EQ(next_frame().close_code(), 1007);
}

TEST_F(WebSocketTest, SilenceIsAskedAndThenTheEnd) {
  WebSocketUpgrade options;
  options.idle = 60ms;
  open(options);
  EXPECT_EQ(next_frame().opcode, kPing);
  client->read_to_end();  // nobody answers the pings
  EXPECT_TRUE(client->is_closed());
  EXPECT_TRUE(echo->await_over());
}

TEST_F(WebSocketTest, WhoeverMayNotAnyMoreHearsIt) {
  open();
  echo->may_go_on = false;
  client->send(masked(kText, "recheck"));
  Frame frame = next_frame();
  if (frame.opcode == kText) frame = next_frame();
  EXPECT_EQ(frame.close_code(), 1008);
  client->close();
  EXPECT_TRUE(echo->await_over());
}

TEST_F(WebSocketTest, IsAskedAgainWithoutBeingTold) {
  WebSocketUpgrade options;
  options.check_every = 20ms;
  open(options);
  echo->may_go_on = false;
  EXPECT_EQ(next_frame().close_code(), 1008);
}

TEST_F(WebSocketTest, AHandlersExceptionIsNotTold) {
  open();
  client->send(masked(kText, "throw"));
  const Frame frame = next_frame();
  EXPECT_EQ(frame.close_code(), 1011);
  EXPECT_FALSE(frame.payload.contains("secret"));
}

TEST_F(WebSocketTest, DrainingSaysGoodBye) {
  open();
  std::thread draining([this] { server->drain(); });
  EXPECT_EQ(next_frame().close_code(), 1001);
  client->send(masked(kClose, "\x03\xe9"));
  client->read_to_end();
  client->close();
  draining.join();
  EXPECT_TRUE(echo->await_over());
}

TEST_F(WebSocketTest, AClientThatLeavesEndsIt) {
  open();
  client->close();
  EXPECT_TRUE(echo->await_over());
}

// Only as much is made as fits between the two, and then nothing until the reader is cut off.
TEST_F(WebSocketTest, AReaderThatDoesNotReadIsWaitedForAndThenCutOff) {
  open({}, with_deadline(&Deadlines::write, 300ms));
  const int small = 4096;
  ::setsockopt(client->fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client->send(masked(kText, "flood"));
  EXPECT_TRUE(echo->await_over());
  EXPECT_LT(echo->sent.load(), 32u << 20);
}

}  // namespace
}  // namespace berth::http::wire
