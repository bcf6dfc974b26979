// Clients that go away, drain and bounds.
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

// A handler that waits until the test lets it go.
struct Gate {
  std::latch entered{1};
  std::promise<void> finished;
  std::optional<boost::asio::steady_timer> timer;

  Task<Response> wait(RunningServer& server) {
    timer.emplace(server.io(), kPatience);
    entered.count_down();
    co_await timer->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    timer.reset();  // before its io_context goes
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
        [this](Request request) {
          return request.path == "/wait" ? gate.wait(*server) : hello(std::move(request));
        },
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
    EXPECT_TRUE(inside.read_until(has_one_answer).contains("200 OK"))
        << "who is in must still be served";
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

Task<Response> answer_of(std::size_t bytes) { co_return Response{.body = std::string(bytes, 'x')}; }

// What is made for somebody who never reads is bounded: by the buffers of the two sockets.
TEST(BoundTest, NoMoreIsAnsweredThanTheBuffersTake) {
  constexpr std::size_t kAnswer = 10'000;
  std::atomic<std::size_t> answered = 0;
  RunningServer server([&](Request) {
    ++answered;
    return answer_of(kAnswer);
  });
  RawClient deaf(server.port());
  std::string requests;
  for (int i = 0; i < 2'000; ++i) requests += kGet;  // 20 MB of answers
  deaf.send(requests);
  std::size_t before = 0;
  do {
    before = answered;
    expect_service(server.port());
  } while (answered > before + 1);
  EXPECT_LT(answered * kAnswer, 4u * 1024 * 1024);
}

// All of one client's requests are in before the other's comes.
TEST(BoundTest, ManyRequestsAtOnceLetOthersInBetween) {
  constexpr int kMany = 300;
  std::latch entered{1};
  std::latch other_is_here{1};
  std::atomic<int> served = 0;
  std::atomic<int> other_came = 0;
  RunningServer server([&](Request request) {
    if (request.path == "/first") {
      entered.count_down();
      other_is_here.wait();
    }
    ++served;
    if (request.path == "/other") other_came = served.load();
    return hello(std::move(request));
  });
  RawClient other(server.port());
  other.send(kGet);
  ASSERT_TRUE(other.read_until(has_one_answer).contains("200 OK"));
  served = 0;
  std::string requests = "GET /first HTTP/1.1\r\nHost: h\r\n\r\n";
  for (int i = 2; i < kMany; ++i) requests += kGet;
  RawClient many(server.port());
  many.send(requests.append(kLastGet));
  entered.wait();
  other.send("GET /other HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  other_is_here.count_down();
  EXPECT_EQ(statuses(other.read_to_end()), std::vector{200});
  EXPECT_EQ(statuses(many.read_to_end()).size(), static_cast<std::size_t>(kMany));
  EXPECT_LT(other_came, kMany);
}

TEST(UnixSocketWireTest, ServesAndNamesItsPeerUnix) {
  const std::string path =
      std::filesystem::temp_directory_path() / ("berth-wire-" + std::to_string(::getpid()));
  RunningServer server(
      [](Request request) -> Task<Response> { co_return Response{.body = request.peer}; },
      {.address = "unix:" + path});
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::send(fd, kLastGet.data(), kLastGet.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(kLastGet.size()));
  std::string text(4096, '\0');
  const auto got = ::recv(fd, text.data(), text.size(), MSG_WAITALL);
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  EXPECT_TRUE(text.ends_with("\r\n\r\nunix")) << text;
  ::close(fd);
}

}  // namespace
}  // namespace berth::http::wire
