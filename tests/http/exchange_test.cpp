// Deadlines short enough to wait for, and what handlers and faces see.
#include <gtest/gtest.h>

#include "wire_fixture.hpp"

namespace berth::http::wire {
namespace {

TEST(DeadlineTest, SlowHeaderIsToldAndClosed) {
  RunningServer server(hello, with_deadline(&Deadlines::header));
  RawClient client(server.port());
  client.send("GET / HT");
  EXPECT_EQ(statuses(client.read_to_end()), std::vector{408});
  expect_service(server.port());
}

// One byte at a time, each well within the deadline: it is for the whole header, not for one read.
TEST(DeadlineTest, DrippingDoesNotProlongTheHeader) {
  RunningServer server(hello, with_deadline(&Deadlines::header));
  RawClient client(server.port());
  const auto give_up = SteadyClock::now() + kPatience;
  client.send("GET / HTTP/1.1\r\nX: ");
  while (client.send("x") && SteadyClock::now() < give_up) {
    pollfd readable{client.fd(), POLLIN, 0};
    if (::poll(&readable, 1, 5) == 1) break;
  }
  EXPECT_EQ(statuses(client.read_to_end()), std::vector{408});
}

TEST(DeadlineTest, SlowBodyIsToldAndClosed) {
  RunningServer server(hello, with_deadline(&Deadlines::body));
  RawClient client(server.port());
  client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
  EXPECT_EQ(statuses(client.read_to_end()), std::vector{408});
}

TEST(DeadlineTest, IdleIsClosedWithoutAWord) {
  RunningServer server(hello, with_deadline(&Deadlines::idle));
  RawClient fresh(server.port());
  EXPECT_EQ(fresh.read_to_end(), "");
  RawClient used(server.port());
  used.send(kGet);
  EXPECT_EQ(statuses(used.read_to_end()), std::vector{200});
}

TEST(DeadlineTest, AReaderThatDoesNotReadIsCutOff) {
  RunningServer server(
      [](Request) -> Task<Response> { co_return Response{.body = std::string(64 << 20, 'x')}; },
      with_deadline(&Deadlines::write));
  RawClient client(server.port());
  const int small = 4096;
  ::setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  client.send(kGet);
  pollfd reset{client.fd(), 0, 0};
  ASSERT_EQ(::poll(&reset, 1, 10'000), 1) << "still waiting for a reader that does not read";
  EXPECT_TRUE(reset.revents & (POLLERR | POLLHUP));
}

TEST(DeadlineTest, AClientThatNeverClosesIsNotWaitedFor) {
  RunningServer server(hello, with_deadline(&Deadlines::linger));
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(statuses(client.read_to_end()), std::vector{400});
  const auto give_up = SteadyClock::now() + kPatience;
  while (client.send("x") && SteadyClock::now() < give_up) {
  }
  EXPECT_LT(SteadyClock::now(), give_up) << "the server still takes bytes";
}

TEST(ContinueTest, IsSentBeforeTheBodyAndOnlyThen) {
  RunningServer server(hello);
  RawClient client(server.port());
  client.send(
      "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: "
      "2\r\n\r\n");
  EXPECT_EQ(client.read_until([](std::string_view text) { return text.ends_with("\r\n\r\n"); }),
            "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ab");
  EXPECT_EQ(statuses(client.read_to_end()), std::vector{200});
}

TEST(HeadTest, HasTheLengthAndNoBody) {
  RunningServer server(hello);
  RawClient client(server.port());
  client.send("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string text = client.read_to_end();
  EXPECT_TRUE(text.contains("Content-Length: 7\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(HandlerTest, WhatItThrowsBecomesA500AndTheConnectionLivesOn) {
  RunningServer server([](Request request) -> Task<Response> {
    if (request.path == "/throw") throw std::runtime_error("secret detail");
    co_return Response{.body = request.id};
  });
  RawClient client(server.port());
  client.send("GET /throw HTTP/1.1\r\nHost: h\r\n\r\n");
  client.send(kLastGet);
  const std::string text = client.read_to_end();
  EXPECT_EQ(statuses(text), (std::vector{500, 200}));
  EXPECT_FALSE(text.contains("secret"));
}

TEST(HandlerTest, SeesPeerIdAndParts) {
  RunningServer server([](Request request) -> Task<Response> {
    co_return Response{.body = request.peer + "|" + request.path + "|" + request.query + "|" +
                               std::string(request.header("x-a")) +
                               (request.id.empty() ? "" : "|id")};
  });
  RawClient client(server.port());
  client.send("GET /p%20q?r=%31 HTTP/1.1\r\nHost: h\r\nX-A: b\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.read_to_end().ends_with("127.0.0.1|/p q|r=%31|b|id"));
}

TEST(RefuseTest, SpeaksTheFacesOwnForm) {
  RunningServer server(hello, {.refuse = [](int status, std::string_view reason) {
                         return Response{
                             .status = status,
                             .body = "{\"status\":-1,\"error\":\"" + std::string(reason) + "\"}"};
                       }});
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(client.read_to_end().ends_with("{\"status\":-1,\"error\":\"no Host field\"}"));
}

}  // namespace
}  // namespace berth::http::wire
