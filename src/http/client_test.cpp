#include "http/client.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "fakes/canned_server.hpp"
#include "fakes/run.hpp"

namespace berth::http {
namespace {

using namespace std::chrono_literals;
using testing::CannedAnswer;
using testing::CannedServer;
using testing::http_answer;
using Then = CannedAnswer::Then;

class ClientTest : public ::testing::Test {
 protected:
  Result<ClientResponse> send(Client& client, ClientRequest request = {}) {
    return testing::run(io, client.send(std::move(request)));
  }
  ErrorCode code_of(CannedAnswer answer, ClientRequest request = {}) {
    CannedServer server(io, [&](auto) { return answer; });
    Client client(io, server.endpoint());
    auto result = send(client, std::move(request));
    EXPECT_FALSE(result);
    return result ? ErrorCode::kConflict : result.error().code;
  }

  boost::asio::io_context io;
};

TEST_F(ClientTest, AnswersOverOneKeptConnection) {
  CannedServer server(io, [](std::string_view request) {
    return CannedAnswer{http_answer(request.starts_with("GET /a ") ? 200 : 404, "{}")};
  });
  Client client(io, server.endpoint());
  for (int i = 0; i < 20; ++i) {
    auto result = send(client, {.target = i % 2 == 0 ? "/a" : "/b"});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->status, i % 2 == 0 ? 200 : 404);
    EXPECT_EQ(result->body, "{}");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(ClientTest, SpeaksTcpToo) {
  using boost::asio::ip::tcp;
  tcp::acceptor acceptor(io, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
  tcp::socket socket(io);
  acceptor.async_accept(socket, [&](auto) {
    socket.write_some(
        boost::asio::buffer(std::string("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")));
  });
  for (const std::string host : {"127.0.0.1"}) {
    Client client(io, "tcp://" + host + ":" + std::to_string(acceptor.local_endpoint().port()));
    auto result = send(client);
    ASSERT_TRUE(result) << result.error().details;
    EXPECT_EQ(result->body, "x");
  }
}

TEST_F(ClientTest, IdleConnectionsAreNotUsedAgain) {
  CannedServer server(io, [](auto) { return CannedAnswer{http_answer(200, "")}; });
  Client client(io, server.endpoint(), {.keep_idle = 0ms});
  ASSERT_TRUE(send(client));
  ASSERT_TRUE(send(client));
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ClientTest, ClosedKeptConnectionsAreSeenBeforeUse) {
  CannedServer server(io, [](auto) { return CannedAnswer{http_answer(200, "")}; });
  Client client(io, server.endpoint());
  ASSERT_TRUE(send(client));
  server.drop_connections();
  EXPECT_TRUE(send(client, {.method = "POST", .repeatable = false}));
  EXPECT_EQ(server.requests().size(), 2u);
}

// The server closes a kept connection at the very moment when it is used again.
TEST_F(ClientTest, RepeatsOnceOnAFreshConnectionOnlyWhatMayBeRepeated) {
  for (bool repeatable : {true, false}) {
    int asked = 0;
    CannedServer server(io, [&](auto) {
      return ++asked == 2 ? CannedAnswer{"", Then::kClose} : CannedAnswer{http_answer(200, "")};
    });
    Client client(io, server.endpoint());
    ASSERT_TRUE(send(client));
    auto result = send(client, {.method = "POST", .repeatable = repeatable});
    EXPECT_EQ(result.has_value(), repeatable);
    if (!result) {
      EXPECT_EQ(result.error().code, ErrorCode::kUnknown);
    }
    EXPECT_EQ(asked, repeatable ? 3 : 2);
    ASSERT_TRUE(send(client));
  }
}

TEST_F(ClientTest, NeverRepeatsOnceAnAnswerHasBegunOrOnAFreshConnection) {
  int asked = 0;
  CannedServer server(io, [&](auto) {
    ++asked;
    return asked == 1 ? CannedAnswer{http_answer(200, "")}
                      : CannedAnswer{"HTTP/1.1 2", Then::kClose};
  });
  Client client(io, server.endpoint());
  ASSERT_TRUE(send(client));
  EXPECT_EQ(send(client, {.repeatable = true}).error().code, ErrorCode::kUnknown);
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(send(client, {.repeatable = true}).error().code, ErrorCode::kUnknown);
  EXPECT_EQ(asked, 3);
}

TEST_F(ClientTest, NobodyThereIsUnavailable) {
  Client nowhere(io, "unix:///nonexistent/socket");
  EXPECT_EQ(send(nowhere).error().code, ErrorCode::kUnavailable);
  Client closed(io, "tcp://127.0.0.1:1");
  EXPECT_EQ(send(closed).error().code, ErrorCode::kUnavailable);
  CannedServer server(io, [](auto) { return CannedAnswer{http_answer(200, "")}; });
  Client client(io, server.endpoint());
  ASSERT_TRUE(send(client));
  server.stop_listening();
  server.drop_connections();
  EXPECT_EQ(send(client).error().code, ErrorCode::kUnavailable);
}

TEST_F(ClientTest, BadEndpointsAndRequestsAreInvalid) {
  for (auto endpoint :
       {"", "http://x", "unix://", "tcp://x", "tcp://x:0", "tcp://x:99999", "tcp://:1"}) {
    Client client(io, endpoint);
    EXPECT_EQ(send(client).error().code, ErrorCode::kInvalid) << endpoint;
  }
  Client client(io, "unix:///nonexistent/socket");
  EXPECT_EQ(send(client, {.target = "/x\r\nX: y"}).error().code, ErrorCode::kInvalid);
}

TEST_F(ClientTest, SilenceEndsAtTheDeadline) {
  EXPECT_EQ(code_of({"", Then::kHold}, {.deadline = 30ms}), ErrorCode::kUnknown);
}

TEST_F(ClientTest, TheDeadlineIsForTheWholeExchangeNotForOneRead) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(
      code_of({http_answer(200, std::string(1'000, 'x')), Then::kKeep, 1, 5ms}, {.deadline = 60ms}),
      ErrorCode::kUnknown);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 1s);
}

TEST_F(ClientTest, CutAnswersAreUnknownAndBrokenOnesInternal) {
  const auto whole = http_answer(200, "{\"Id\":1}");
  for (std::size_t cut = 0; cut < whole.size(); cut += 3) {
    EXPECT_EQ(code_of({whole.substr(0, cut), Then::kClose}), ErrorCode::kUnknown) << cut;
  }
  EXPECT_EQ(code_of({"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), Then::kHold}),
            ErrorCode::kInternal);
  EXPECT_EQ(code_of({"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", Then::kHold}),
            ErrorCode::kInternal);
  EXPECT_EQ(code_of({"SSH-2.0-OpenSSH_9.2\r\n\r\n", Then::kHold}), ErrorCode::kInternal);
}

TEST_F(ClientTest, ABrokenConnectionIsNotUsedAgain) {
  int asked = 0;
  CannedServer server(io, [&](auto) {
    return ++asked == 1 ? CannedAnswer{http_answer(200, "x") + "HTTP/1.1 200 OK\r\n"}
                        : CannedAnswer{http_answer(200, "y")};
  });
  Client client(io, server.endpoint());
  EXPECT_EQ(send(client).error().code, ErrorCode::kInternal);
  EXPECT_EQ(send(client)->body, "y");
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(ClientTest, ReadsAnEarlyRefusalOfALargeBody) {
  CannedServer server(
      io, [](auto) { return CannedAnswer{http_answer(413, "too much"), Then::kClose}; });
  Client client(io, server.endpoint());
  auto result = send(client, {.method = "PUT", .body = std::string(8 * 1024 * 1024, 'x')});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->status, 413);
}

TEST_F(ClientTest, NoMoreConnectionsThanAllowed) {
  CannedServer server(
      io, [](auto) { return CannedAnswer{http_answer(200, "hello"), Then::kKeep, 10, 1ms}; });
  Client client(io, server.endpoint(), {.connections = 3});
  std::vector<Task<Result<ClientResponse>>> tasks;
  for (int i = 0; i < 30; ++i) tasks.push_back(client.send({}));
  for (const auto& result : testing::run_all(io, std::move(tasks))) {
    ASSERT_TRUE(result);
    EXPECT_EQ(result->body, "hello");
  }
  EXPECT_EQ(server.connections(), 3);
}

Task<> send_into(Client& client, std::optional<Result<ClientResponse>>& into) {
  ClientRequest request;
  into.emplace(co_await client.send(std::move(request)));
}

TEST_F(ClientTest, CancellingEndsTheExchangeAndTheConnection) {
  int asked = 0;
  CannedServer server(io, [&](auto) {
    return ++asked == 1 ? CannedAnswer{"HTTP/1.1 ", Then::kHold}
                        : CannedAnswer{http_answer(200, "y")};
  });
  Client client(io, server.endpoint());
  std::optional<Result<ClientResponse>> cancelled;
  boost::asio::cancellation_signal signal;
  boost::asio::co_spawn(io, send_into(client, cancelled),
                        boost::asio::bind_cancellation_slot(signal.slot(), boost::asio::detached));
  ASSERT_TRUE(testing::run_until(io, 5s, [&] { return asked == 1; }));
  signal.emit(boost::asio::cancellation_type::terminal);
  ASSERT_TRUE(testing::run_until(io, 5s, [&] { return cancelled.has_value(); }));
  EXPECT_EQ(cancelled->error().code, ErrorCode::kUnknown);
  EXPECT_EQ(send(client)->body, "y");
}

TEST_F(ClientTest, ExchangesMayOutliveTheClient) {
  CannedServer server(
      io, [&](auto) { return CannedAnswer{http_answer(200, "hello"), Then::kKeep, 1, 1ms}; });
  std::optional<Result<ClientResponse>> result;
  {
    Client client(io, server.endpoint());
    boost::asio::co_spawn(io, client.send({}),
                          [&](std::exception_ptr, Result<ClientResponse> r) { result.emplace(r); });
    io.poll();
  }
  ASSERT_TRUE(testing::run_until(io, 5s, [&] { return result.has_value(); }));
  EXPECT_EQ((*result)->body, "hello");
}

class StreamTest : public ClientTest {
 protected:
  Result<> stream(const CannedAnswer& answer, std::chrono::milliseconds deadline = 5s) {
    CannedServer server(io, [&](auto) { return answer; });
    Client client(io, server.endpoint());
    return testing::run(io, client.stream_lines(
                                {.deadline = deadline}, [this] { ++opened; },
                                [this](std::string_view line) { return note(line); }));
  }

  bool note(std::string_view line) {
    lines.emplace_back(line);
    return line != "stop";
  }

  int opened = 0;
  std::vector<std::string> lines;
};

const std::string kChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

TEST_F(StreamTest, GivesEachLineUntilTheServerEnds) {
  for (std::size_t piece : {1, 3, 1'000}) {
    opened = 0;
    lines.clear();
    auto result = stream({kChunkedHead + "4\r\none\n\r\n8\r\ntwo\nthre\r\n2\r\ne\n\r\n0\r\n\r\n",
                          Then::kHold, piece});
    EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
    EXPECT_EQ(opened, 1);
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "three"}));
  }
}

TEST_F(StreamTest, ALineIsGivenAsSoonAsItIsThere) {
  CannedServer server(io,
                      [&](auto) { return CannedAnswer{kChunkedHead + "4\r\none\n", Then::kHold}; });
  Client client(io, server.endpoint());
  bool ended = false;
  boost::asio::co_spawn(io,
                        client.stream_lines(
                            {}, [] {}, [this](std::string_view line) { return note(line); }),
                        [&](std::exception_ptr, Result<>) { ended = true; });
  ASSERT_TRUE(testing::run_until(io, 5s, [&] { return lines.size() == 1; }));
  EXPECT_FALSE(ended);
  server.drop_connections();
  EXPECT_TRUE(testing::run_until(io, 5s, [&] { return ended; }));
}

TEST_F(StreamTest, TheDeadlineIsForTheHeadAlone) {
  EXPECT_EQ(stream({"HTTP/1.1 200", Then::kHold}, 30ms).error().code, ErrorCode::kUnknown);
  EXPECT_EQ(opened, 0);
  EXPECT_EQ(
      stream({kChunkedHead + "4\r\none\n\r\n4\r\ntwo\n\r\n0\r\n\r\n", Then::kClose, 49, 60ms}, 50ms)
          .error()
          .code,
      ErrorCode::kUnavailable);
  EXPECT_EQ(lines.size(), 2u);
}

TEST_F(StreamTest, OtherStatusesAreRefusalsWithTheirBody) {
  auto result = stream({http_answer(400, "{\"message\":\"bad filter\"}")});
  EXPECT_EQ(result.error().code, ErrorCode::kRefused);
  EXPECT_EQ(result.error().details, "{\"message\":\"bad filter\"}");
  EXPECT_EQ(opened, 0);
}

TEST_F(StreamTest, EndsAtALineThatIsNotUnderstood) {
  EXPECT_EQ(stream({kChunkedHead + "e\r\none\nstop\nfour\n\r\n", Then::kHold}).error().code,
            ErrorCode::kInternal);
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "stop"}));
}

TEST_F(StreamTest, BoundsHold) {
  EXPECT_EQ(
      stream({kChunkedHead + "200000\r\n" + std::string(0x200000, 'x'), Then::kHold}).error().code,
      ErrorCode::kInternal);
  EXPECT_EQ(stream({kChunkedHead + "zzz\r\n", Then::kHold}).error().code, ErrorCode::kInternal);
  EXPECT_EQ(stream({"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\nline\n",
                    Then::kClose})
                .error()
                .code,
            ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace berth::http
