#include "host/probe.hpp"

#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <memory>

#include "fakes/run.hpp"

namespace berth::probe {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

constexpr auto kShort = 300ms;  // what a service that never answers costs the test

// A TCP service that says `bytes` to whoever comes, `times` times, and then holds the line or hangs
// up.
struct Service {
  std::string bytes;
  int times = 1;
  bool hangs_up = true;
  bool waits_for_request = true;
};

class ProbeTest : public ::testing::Test {
 protected:
  Target serve(Service service, std::chrono::milliseconds deadline = kShort) {
    auto acceptor =
        std::make_shared<tcp::acceptor>(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const int port = acceptor->local_endpoint().port();
    asio::co_spawn(io_, speak(acceptor, service, &received_), asio::detached);
    return {"127.0.0.1", port, deadline};
  }

  static Task<> speak(std::shared_ptr<tcp::acceptor> acceptor, Service service,
                      std::string* received) {
    auto [refused, socket] = co_await acceptor->async_accept(kAwait);
    if (refused) co_return;
    std::array<char, 2048> request;
    if (service.waits_for_request) {
      const auto [error, count] = co_await socket.async_read_some(asio::buffer(request), kAwait);
      received->assign(request.data(), count);
    }
    for (int i = 0; i < service.times; ++i) {
      const auto [error, count] =
          co_await asio::async_write(socket, asio::buffer(service.bytes), kAwait);
      if (error) break;
    }
    if (service.hangs_up) co_return;
    const auto [error, count] = co_await socket.async_read_some(asio::buffer(request), kAwait);
    if (count > 0) received->append(request.data(), count);
  }

  std::string outcome(Task<Result<>> task) {
    const auto result = testing::run(io_, std::move(task));
    if (result) return "healthy";
    EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
    return result.error().message;
  }

  asio::io_context io_;
  std::string received_;
};

TEST_F(ProbeTest, AnyStatusBelow500IsAlive) {
  for (const char* line :
       {"HTTP/1.1 200 OK\r\n", "HTTP/1.0 404 Not Found\r\n",
        "HTTP/1.1 302 Found\r\nLocation: /\r\n", "HTTP/1.1 401\r\n", "HTTP/1.1 200 OK\n"}) {
    EXPECT_EQ(outcome(http_get(serve({line}), "/")), "healthy") << line;
  }
  EXPECT_TRUE(received_.starts_with("GET / HTTP/1.1\r\nHost: 127.0.0.1:")) << received_;
  EXPECT_EQ(outcome(http_get(serve({"HTTP/1.1 503 Busy\r\n"}), "/")), "it answers with status 503");
}

TEST_F(ProbeTest, WhatIsNotHttpIsNotAlive) {
  for (const char* line :
       {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 99 x\r\n", "HTTP/1.1 2000 x\r\n", "HTTP/2 200\r\n",
        "HTTP/1.1 20x\r\n", "\r\n", "HTTP/1.1 \r\n", "HTTP/1.1 099 x\r\n"}) {
    EXPECT_EQ(outcome(http_get(serve({line}), "/")), "the answer is not HTTP") << line;
  }
  EXPECT_EQ(outcome(http_get(serve({"HTTP/1.1 200"}), "/")),
            "it closed the connection without an answer");
  EXPECT_NE(outcome(http_get(serve({""}), "/")), "healthy");
}

TEST_F(ProbeTest, APortThatAcceptsAndNeverAnswersCostsTheDeadline) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(outcome(http_get(serve({.bytes = "HTTP/1.1", .hangs_up = false}), "/")),
            "no answer within 300 ms");
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
}

TEST_F(ProbeTest, NobodyListening) {
  tcp::acceptor gone(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  Target target{"127.0.0.1", gone.local_endpoint().port(), kShort};
  gone.close();
  EXPECT_EQ(outcome(http_get(target, "/")), "Connection refused");
  target.ip = "";
  EXPECT_EQ(outcome(http_get(target, "/")), "no such address");
  target.ip = "no address";
  EXPECT_NE(outcome(http_get(target, "/")), "answers");
}

TEST_F(ProbeTest, ReadsALittleOfAnEndlessAnswer) {
  const Service endless{.bytes = std::string(64 * 1024, 'x'), .times = 16'000};
  EXPECT_EQ(outcome(http_get(serve(endless, 5s), "/")), "no line within 4 KiB");
  const Service long_page{.bytes = "HTTP/1.1 200 OK\r\n\r\n" + std::string(64 * 1024, 'x'),
                          .times = 16'000};
  EXPECT_EQ(outcome(http_get(serve(long_page, 5s), "/")), "healthy");
}

TEST_F(ProbeTest, AWebSocketAnswers101) {
  EXPECT_EQ(
      outcome(websocket(
          serve({.bytes = "HTTP/1.1 101 Switching Protocols\r\n\r\n", .hangs_up = false}), "/ws")),
      "healthy");
  testing::run_until(io_, 2s, [this] { return received_.find('\x88') != std::string::npos; });
  EXPECT_TRUE(received_.starts_with("GET /ws HTTP/1.1\r\n"));
  EXPECT_TRUE(received_.ends_with(std::string("\x88\x82\0\0\0\0\x03\xE8", 8)));
  EXPECT_EQ(outcome(websocket(serve({"HTTP/1.1 426 Upgrade Required\r\n\r\n"}), "/")),
            "it answers the handshake with status 426");
  EXPECT_EQ(outcome(websocket(serve({"HTTP/1.1 200 OK\r\n\r\n"}), "/")),
            "it answers the handshake with status 200");
}

TEST_F(ProbeTest, AnSshServerIntroducesItself) {
  EXPECT_EQ(outcome(ssh_banner(
                serve({.bytes = "SSH-2.0-OpenSSH_9.2p1 Debian\r\n", .waits_for_request = false}))),
            "healthy");
  EXPECT_EQ(
      outcome(ssh_banner(serve({.bytes = "Welcome\r\nSSH-2.0-x\r\n", .waits_for_request = false}))),
      "healthy");
  EXPECT_NE(
      outcome(ssh_banner(serve({.bytes = "HTTP/1.1 400 Bad\r\n", .waits_for_request = false}))),
      "healthy");
  const Service chatter{.bytes = "blah\r\n", .times = 100'000, .waits_for_request = false};
  EXPECT_NE(outcome(ssh_banner(serve(chatter, 5s))), "healthy");
}

}  // namespace
}  // namespace berth::probe
