// Deadlines, bounds, drain and clients that go away, with deadlines short enough to wait for.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/un.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <filesystem>
#include <future>
#include <latch>
#include <memory>
#include <optional>

#include "wire_fixture.hpp"

namespace berth::http::wire {
namespace {

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view kLastGet = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

// Each test shortens the one deadline it is about; the rest stays as it is, so that it cannot be another one.
ListenOptions with_deadline(std::chrono::milliseconds Deadlines::*which, std::chrono::milliseconds value = 40ms) {
  ListenOptions options;
  options.deadlines.*which = value;
  return options;
}

Task<Response> hello(Request) { co_return Response{.body = "\"hello\""}; }

std::vector<int> statuses(std::string_view text) {
  std::vector<int> found;
  for (const Answer& answer : parse_answers(text)) found.push_back(answer.status);
  return found;
}

void expect_service(std::uint16_t port) {
  RawClient client(port);
  client.send(kLastGet);
  EXPECT_EQ(statuses(client.read_to_end()), std::vector{200});
}

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
  RunningServer server([](Request) -> Task<Response> { co_return Response{.body = std::string(64 << 20, 'x')}; },
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
  client.send("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
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
                               std::string(request.header("x-a")) + (request.id.empty() ? "" : "|id")};
  });
  RawClient client(server.port());
  client.send("GET /p%20q?r=%31 HTTP/1.1\r\nHost: h\r\nX-A: b\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(client.read_to_end().ends_with("127.0.0.1|/p q|r=%31|b|id"));
}

TEST(RefuseTest, SpeaksTheFacesOwnForm) {
  RunningServer server(hello, {.refuse = [](int status, std::string_view reason) {
                         return Response{.status = status, .body = "{\"status\":-1,\"error\":\"" + std::string(reason) + "\"}"};
                       }});
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\n\r\n");
  EXPECT_TRUE(client.read_to_end().ends_with("{\"status\":-1,\"error\":\"no Host field\"}"));
}

// A handler that waits until the test lets it go.
struct Gate {
  std::latch entered{1};
  std::promise<void> finished;
  std::optional<boost::asio::steady_timer> timer;

  Task<Response> wait(RunningServer& server) {
    timer.emplace(server.io(), kPatience);
    entered.count_down();
    co_await timer->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    finished.set_value();
    co_return Response{.body = "\"done\""};
  }
  void open(RunningServer& server) {
    boost::asio::post(server.io(), [this] { timer->cancel(); });
  }
};

struct GatedServer {
  Gate gate;
  std::optional<RunningServer> server;

  explicit GatedServer(ListenOptions options = {}) {
    server.emplace(
        [this](Request request) { return request.path == "/wait" ? gate.wait(*server) : hello(std::move(request)); },
        std::move(options));
  }
};

TEST(DisconnectTest, DoesNotEndTheHandler) {
  GatedServer gated;
  {
    RawClient client(gated.server->port());
    client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
    gated.gate.entered.wait();
  }
  expect_service(gated.server->port());
  gated.gate.open(*gated.server);
  EXPECT_EQ(gated.gate.finished.get_future().wait_for(kPatience), std::future_status::ready);
}

TEST(DisconnectTest, HalfClosedClientsGetTheirAnswers) {
  RunningServer server(hello);
  RawClient client(server.port());
  client.send(std::string(kGet) + std::string(kGet));
  client.end_sending();
  EXPECT_EQ(statuses(client.read_to_end()), (std::vector{200, 200}));
}

TEST(DisconnectTest, CutAnywhereInARequestLeavesTheServerWell) {
  RunningServer server(hello);
  const std::string request = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t size = 0; size <= request.size(); ++size) {
    RawClient client(server.port());
    client.send(request.substr(0, size));
  }
  expect_service(server.port());
}

TEST(DrainTest, FinishesWhatIsInFlightAndClosesTheIdle) {
  GatedServer gated;
  RawClient idle(gated.server->port());
  idle.send(kGet);
  ASSERT_TRUE(idle.read_until(has_one_answer).contains("200 OK"));
  RawClient busy(gated.server->port());
  busy.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  gated.gate.entered.wait();

  auto drained = std::async(std::launch::async, [&] { gated.server->drain(); });
  EXPECT_EQ(idle.read_to_end(), "");
  gated.gate.open(*gated.server);
  const std::string text = busy.read_to_end();
  EXPECT_TRUE(text.contains("200 OK"));
  EXPECT_TRUE(text.contains("Connection: close"));
  busy.close();
  EXPECT_EQ(drained.wait_for(kPatience), std::future_status::ready);
  EXPECT_THROW(RawClient(gated.server->port()), std::exception);
}

TEST(DrainTest, DoesNotWaitForAHandlerThatHangs) {
  GatedServer gated(with_deadline(&Deadlines::drain));
  RawClient client(gated.server->port());
  client.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
  gated.gate.entered.wait();
  auto drained = std::async(std::launch::async, [&] { gated.server->drain(); });
  EXPECT_EQ(drained.wait_for(kPatience), std::future_status::ready);
  EXPECT_EQ(client.read_to_end(), "");
  gated.gate.open(*gated.server);
  EXPECT_EQ(gated.gate.finished.get_future().wait_for(kPatience), std::future_status::ready);
}

TEST(BoundTest, ConnectionsOverTheLimitWaitForTheirTurn) {
  RunningServer server(hello, {.connections = 2});
  auto first = std::make_unique<RawClient>(server.port());
  RawClient second(server.port());
  for (RawClient* client : {first.get(), &second}) {
    client->send(kGet);
    ASSERT_TRUE(client->read_until(has_one_answer).contains("200 OK"));
  }
  RawClient third(server.port());
  third.send(kLastGet);
  pollfd ready{third.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&ready, 1, 50), 0) << "a third was served while two were open";
  first.reset();
  EXPECT_EQ(statuses(third.read_to_end()), std::vector{200});
}

// Below the lowest free number every one is taken, so that accept() says EMFILE.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &kept_);
    const int lowest_free = ::dup(0);
    ::close(lowest_free);
    const rlimit none{static_cast<rlim_t>(lowest_free), kept_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &kept_); }

 private:
  rlimit kept_{};
};

TEST(BoundTest, RunningOutOfDescriptorsIsSurvived) {
  RunningServer server(hello);
  RawClient inside(server.port());
  inside.send(kGet);
  ASSERT_TRUE(inside.read_until(has_one_answer).contains("200 OK"));
  RawClient late;
  {
    NoMoreDescriptors none;
    late.connect(server.port());
    late.send(kLastGet);
    pollfd ready{late.fd(), POLLIN, 0};
    EXPECT_EQ(::poll(&ready, 1, 50), 0) << "accepted without a descriptor?";
    inside.send(kGet);
    EXPECT_TRUE(inside.read_until(has_one_answer).contains("200 OK")) << "who is in must still be served";
  }
  EXPECT_EQ(statuses(late.read_to_end()), std::vector{200});
}

TEST(BoundTest, ManySlowClientsLeaveTheServerQuick) {
  RunningServer server(hello);
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 400; ++i) {
    slow.push_back(std::make_unique<RawClient>(server.port()));
    slow.back()->send("GET / HTTP/1.1\r\nX");
  }
  const auto before = SteadyClock::now();
  for (int i = 0; i < 20; ++i) expect_service(server.port());
  EXPECT_LT(SteadyClock::now() - before, 5s);
}

TEST(UnixSocketWireTest, ServesAndNamesItsPeerUnix) {
  const std::string path = std::filesystem::temp_directory_path() / ("berth-wire-" + std::to_string(::getpid()));
  RunningServer server([](Request request) -> Task<Response> { co_return Response{.body = request.peer}; },
                       {.address = "unix:" + path});
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::send(fd, kLastGet.data(), kLastGet.size(), MSG_NOSIGNAL), static_cast<ssize_t>(kLastGet.size()));
  std::string text(4096, '\0');
  const auto got = ::recv(fd, text.data(), text.size(), MSG_WAITALL);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  EXPECT_TRUE(text.ends_with("\r\n\r\nunix")) << text;
  ::close(fd);
}

}  // namespace
}  // namespace berth::http::wire
