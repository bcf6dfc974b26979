// Answers without an end: what starts them, and everything that ends them.
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>
#include <future>

#include "http/body_stream.hpp"
#include "wire_fixture.hpp"

namespace berth::http::wire {
namespace {

// Each request gets a stream; the test talks to the last one on the server's thread.
class Source {
 public:
  explicit Source(BodyStreamOptions options = {}) : options_(std::move(options)) {}

  Handler handler() {
    return [this](Request) -> Task<Response> {
      stream_ = std::make_shared<BodyStream>(options_);
      stream_->on_closed([this] { closed_.set_value(); });
      stream_->push("first\n");
      co_return Response{.content_type = "text/event-stream", .stream = stream_};
    };
  }

  void push(RunningServer& server, std::string piece) {
    boost::asio::post(server.io(), [this, piece] { stream_->push(piece); });
  }
  void close(RunningServer& server) {
    boost::asio::post(server.io(), [this] { stream_->close(); });
  }
  bool await_closed() {
    return closed_.get_future().wait_for(kPatience) == std::future_status::ready;
  }

 private:
  BodyStreamOptions options_;
  std::shared_ptr<BodyStream> stream_;
  std::promise<void> closed_;
};

std::function<bool(std::string_view)> ends_with(std::string end) {
  return [end](std::string_view text) { return text.ends_with(end); };
}

TEST(StreamTest, PiecesArriveAsTheyComeAndTheConnectionEndsWithThem) {
  Source source;
  RunningServer server(source.handler());
  RawClient client(server.port());
  client.send(kGet);
  const std::string head = client.read_until(ends_with("first\n"));
  EXPECT_TRUE(head.contains("Content-Type: text/event-stream\r\n"));
  EXPECT_TRUE(head.contains("Connection: close\r\n"));
  EXPECT_FALSE(head.contains("Content-Length"));
  source.push(server, "second\n");
  EXPECT_EQ(client.read_until(ends_with("\n")), "second\n");
  source.close(server);
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(client.is_closed());
}

TEST(StreamTest, HeartbeatsFillTheSilence) {
  Source source({.heartbeat_every = 20ms, .heartbeat = "ping\n"});
  RunningServer server(source.handler());
  RawClient client(server.port());
  client.send(kGet);
  EXPECT_TRUE(client.read_until(ends_with("ping\nping\n")).contains("first\nping\n"));
}

TEST(StreamTest, WhoeverMayNotAnyMoreIsCutOff) {
  Source source({.heartbeat_every = 20ms, .heartbeat = "ping\n", .may_go_on = []() -> Task<bool> {
                   co_return false;
                 }});
  RunningServer server(source.handler());
  RawClient client(server.port());
  client.send(kGet);
  EXPECT_FALSE(client.read_to_end().contains("ping"));
  EXPECT_TRUE(source.await_closed());
}

TEST(StreamTest, AClientThatLeavesIsNoticedWithoutAWrite) {
  Source source;
  RunningServer server(source.handler(), with_deadline(&Deadlines::header));
  {
    RawClient client(server.port());
    client.send(kGet);
    client.read_until(ends_with("first\n"));
  }
  EXPECT_TRUE(source.await_closed());
}

TEST(StreamTest, AReaderThatDoesNotReadIsCutOff) {
  Source source({.most_bytes = 256 << 20});
  RunningServer server(source.handler(), with_deadline(&Deadlines::write));
  RawClient client(server.port());
  const int small = 4096;
  ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.send(kGet);
  client.read_until(ends_with("first\n"));
  source.push(server, std::string(64 << 20, 'x'));
  EXPECT_TRUE(source.await_closed());
}

TEST(StreamTest, DrainingEndsItAtOnce) {
  Source source;
  RunningServer server(source.handler());
  RawClient client(server.port());
  client.send(kGet);
  client.read_until(ends_with("first\n"));
  const auto started = SteadyClock::now();
  server.drain();
  EXPECT_LT(SteadyClock::now() - started, 5s);
  EXPECT_TRUE(source.await_closed());
}

TEST(StreamTest, HeadHasNoBody) {
  Source source;
  RunningServer server(source.handler());
  RawClient client(server.port());
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(client.read_to_end().ends_with("\r\n\r\n"));
}

}  // namespace
}  // namespace berth::http::wire
