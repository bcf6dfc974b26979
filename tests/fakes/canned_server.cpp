#include "fakes/canned_server.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

namespace berth::testing {
namespace {

namespace asio = boost::asio;
using Socket = asio::local::stream_protocol::socket;
constexpr auto kUse = asio::as_tuple(asio::use_awaitable);

std::string make_folder() {
  char name[] = "/tmp/berth-canned-XXXXXX";
  if (::mkdtemp(name) == nullptr) throw std::runtime_error("no temporary folder");
  return name;
}

std::size_t body_size(std::string_view head) {
  constexpr std::string_view kName = "Content-Length: ";
  const auto at = head.find(kName);
  return at == head.npos ? 0 : std::stoul(std::string(head.substr(at + kName.size(), 12)));
}

// Empty: the other side has closed.
Task<std::string> read_request(std::shared_ptr<Socket> socket) {
  std::string text;
  auto [error, head] =
      co_await asio::async_read_until(*socket, asio::dynamic_buffer(text), "\r\n\r\n", kUse);
  if (error) co_return "";
  const auto whole = head + body_size(std::string_view(text).substr(0, head));
  if (text.size() < whole) {
    auto [cut, got] = co_await asio::async_read(*socket, asio::dynamic_buffer(text),
                                                asio::transfer_exactly(whole - text.size()), kUse);
    if (cut) co_return "";
  }
  co_return text;
}

}  // namespace

struct CannedServer::State {
  State(asio::io_context& io, Answerer a)
      : answerer(std::move(a)),
        folder(make_folder()),
        acceptor(io, Socket::endpoint_type(folder + "/s")) {}
  ~State() {
    ::unlink((folder + "/s").c_str());
    ::rmdir(folder.c_str());
  }

  Answerer answerer;
  std::string folder;
  asio::local::stream_protocol::acceptor acceptor;
  std::vector<std::weak_ptr<Socket>> sockets;
  std::vector<std::string> requests;
  int connections = 0;
};

CannedServer::CannedServer(asio::io_context& io, Answerer answerer)
    : state_(std::make_shared<State>(io, std::move(answerer))) {
  asio::co_spawn(io, accept_loop(state_), asio::detached);
}

CannedServer::~CannedServer() {
  stop_listening();
  drop_connections();
}

std::string CannedServer::endpoint() const { return "unix://" + state_->folder + "/s"; }
const std::vector<std::string>& CannedServer::requests() const { return state_->requests; }
int CannedServer::connections() const { return state_->connections; }

void CannedServer::drop_connections() {
  for (auto& weak : state_->sockets) {
    if (auto socket = weak.lock()) socket->close();
  }
  state_->sockets.clear();
}

void CannedServer::stop_listening() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
}

Task<> CannedServer::accept_loop(std::shared_ptr<State> state) {
  while (state->acceptor.is_open()) {
    auto socket = std::make_shared<Socket>(state->acceptor.get_executor());
    auto [error] = co_await state->acceptor.async_accept(*socket, kUse);
    if (error) co_return;
    ++state->connections;
    state->sockets.push_back(socket);
    asio::co_spawn(state->acceptor.get_executor(), serve(state, socket), asio::detached);
  }
}

Task<> CannedServer::serve(std::shared_ptr<State> state, std::shared_ptr<Socket> socket) {
  for (;;) {
    auto request = co_await read_request(socket);
    if (request.empty()) co_return;
    state->requests.push_back(request);
    const auto answer = state->answerer(request);
    const auto piece =
        answer.piece == 0 ? std::max<std::size_t>(answer.bytes.size(), 1) : answer.piece;
    for (std::size_t at = 0; at < answer.bytes.size(); at += piece) {
      const auto part = answer.bytes.substr(at, piece);
      auto [error, sent] = co_await asio::async_write(*socket, asio::buffer(part), kUse);
      if (error) co_return;
      if (answer.between.count() == 0) continue;
      asio::steady_timer timer(socket->get_executor(), answer.between);
      co_await timer.async_wait(kUse);
    }
    if (answer.then == CannedAnswer::Then::kClose) co_return socket->close();
    if (answer.then == CannedAnswer::Then::kHold) {
      char byte = 0;
      co_await socket->async_read_some(asio::buffer(&byte, 1), kUse);
      co_return;
    }
  }
}

std::string http_answer(int status, std::string_view body) {
  std::string text =
      "HTTP/1.1 " + std::to_string(status) +
      " X\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n";
  text += body;
  return text;
}

}  // namespace berth::testing
