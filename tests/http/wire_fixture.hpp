#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <charconv>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "http/server.hpp"

namespace berth::http::wire {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kPatience = 10s;  // no test waits longer for anything

// The real server on a free port of this machine, in a thread of its own.
class RunningServer {
 public:
  explicit RunningServer(Handler handler, ListenOptions options = {})
      : server_(io_, at_free_port(options), handler) {
    if (auto listening = server_.listen(); !listening)
      throw std::runtime_error(listening.error().message);
    thread_ = std::thread([this] { io_.run(); });
  }

  ~RunningServer() {
    drain();
    guard_.reset();
    io_.stop();
    thread_.join();
  }

  std::uint16_t port() const { return server_.port(); }
  boost::asio::io_context& io() { return io_; }
  void drain() { boost::asio::co_spawn(io_, server_.drain(), boost::asio::use_future).get(); }

 private:
  static ListenOptions at_free_port(ListenOptions options) {
    if (options.address.empty()) options.address = "127.0.0.1:0";
    return options;
  }

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
      io_.get_executor()};
  Server server_;
  std::thread thread_;
};

// A client that knows nothing: bytes out, bytes in.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : RawClient() { connect(port); }
  RawClient() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  void connect(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("connect");
    const int one = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }

  // False when the server has closed before it took all.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // What comes until `enough` says so; closed() tells whether the server closed first. A reset
  // counts as closed.
  std::string read_until(const std::function<bool(std::string_view)>& enough) {
    std::string text;
    const auto deadline = SteadyClock::now() + kPatience;
    while (!enough(text)) {
      pollfd ready{fd_, POLLIN, 0};
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - SteadyClock::now());
      if (left <= 0ms || ::poll(&ready, 1, static_cast<int>(left.count())) != 1)
        return text + "<timeout>";
      char piece[16384];
      const auto got = ::recv(fd_, piece, sizeof piece, 0);
      if (got <= 0) {
        is_closed_ = true;
        was_reset_ = got < 0;
        break;
      }
      text.append(piece, static_cast<std::size_t>(got));
    }
    return text;
  }
  std::string read_to_end() {
    return read_until([](std::string_view) { return false; });
  }
  bool is_closed() const { return is_closed_; }
  bool was_reset() const { return was_reset_; }

 private:
  int fd_;
  bool is_closed_ = false;
  bool was_reset_ = false;
};

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
};

// Takes answers off `text` by their Content-Length; a rest that is no whole answer becomes one of
// status -1. A 100 has no body.
inline std::vector<Answer> parse_answers(std::string_view text) {
  std::vector<Answer> answers;
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n\r\n");
    if (!text.starts_with("HTTP/1.1 ") || end == std::string_view::npos) {
      answers.push_back({-1, std::string(text), {}});
      break;
    }
    Answer answer{0, std::string(text.substr(0, end + 2)), {}};
    std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
    text.remove_prefix(end + 4);
    std::size_t length = 0;
    const std::size_t field = answer.head.find("\r\nContent-Length: ");
    if (field != std::string::npos) {
      std::from_chars(answer.head.data() + field + 18, answer.head.data() + answer.head.size(),
                      length);
    }
    if (text.size() < length) answer.status = -1;
    answer.body = text.substr(0, length);
    text.remove_prefix(std::min(length, text.size()));
    answers.push_back(std::move(answer));
  }
  return answers;
}

inline bool has_one_answer(std::string_view text) {
  const auto answers = parse_answers(text);
  return !answers.empty() && answers.front().status > 100 &&
         text.find("\r\n\r\n") != std::string_view::npos;
}

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view kLastGet = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

// Each test shortens the one deadline it is about; the rest stays as it is, so that it cannot be
// another one.
inline ListenOptions with_deadline(std::chrono::milliseconds Deadlines::* which,
                                   std::chrono::milliseconds value = 40ms) {
  ListenOptions options;
  options.deadlines.*which = value;
  return options;
}

inline Task<Response> hello(Request) { co_return Response{.body = "\"hello\""}; }

inline std::vector<int> statuses(std::string_view text) {
  std::vector<int> found;
  for (const Answer& answer : parse_answers(text)) found.push_back(answer.status);
  return found;
}

inline void expect_service(std::uint16_t port) {
  RawClient client(port);
  client.send(kLastGet);
  EXPECT_EQ(statuses(client.read_to_end()), std::vector{200});
}

}  // namespace berth::http::wire
