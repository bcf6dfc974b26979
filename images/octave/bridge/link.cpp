#include "link.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>
#include <utility>

#include "limits.hpp"
#include "report.hpp"
#include "utf8.hpp"

namespace bridge {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using asio::ip::tcp;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace

struct Link::Peer {
  explicit Peer(tcp::socket accepted) : socket(std::move(accepted)) {}

  tcp::socket socket;
  bool announced = false;
  bool busy = false;
  std::string received;
  std::deque<std::string> unwritten;
};

Link::Link(asio::any_io_executor executor, std::uint16_t port)
    : acceptor_(executor, {asio::ip::address_v4::loopback(), port}) {}

void Link::start() { asio::co_spawn(acceptor_.get_executor(), accept(), asio::detached); }

void Link::stop() {
  acceptor_.close();
  if (peer_) peer_->socket.close();
}

asio::awaitable<void> Link::accept() {
  while (true) {
    auto [failure, socket] = co_await acceptor_.async_accept(kAwait);
    if (failure) co_return;
    if (peer_) drop(peer_, "a new session took its place");
    peer_ = std::make_shared<Peer>(std::move(socket));
    asio::co_spawn(acceptor_.get_executor(), hear(peer_), asio::detached);
  }
}

asio::awaitable<void> Link::hear(std::shared_ptr<Peer> peer) {
  while (true) {
    auto buffer = asio::dynamic_buffer(peer->received, limits::kControlBytes);
    const auto [failure, size] =
        co_await asio::async_read_until(peer->socket, buffer, '\n', kAwait);
    if (failure) co_return drop(peer, "its connection closed");
    if (peer != peer_) co_return;
    const std::string line = peer->received.substr(0, size);
    peer->received.erase(0, size);
    handle_line(line);
  }
}

void Link::handle_line(std::string_view line) {
  const auto report = report::parse(line);
  if (!report) return;
  if (const auto event = report::text(*report, "event")) {
    if (const auto port = report::port(*report); *event == "websocket" && port) {
      events.open_port(*port);
    }
    if (*event == "ready" && !std::exchange(peer_->announced, true)) events.ready();
    return;
  }
  if (!peer_->busy || report::number(*report, "number") != number_) return;
  peer_->busy = false;
  const std::string out = to_valid_utf8(report::text(*report, "stdout").value_or(""));
  if (!out.empty()) events.output(Stream::kStdout, out);
  events.finished({report::text(*report, "error"), report::figures(*report)});
}

void Link::drop(const std::shared_ptr<Peer>& peer, const std::string& why) {
  boost::system::error_code ignored;
  peer->socket.close(ignored);
  if (peer != peer_) return;
  peer_.reset();
  events.ended(why);
}

void Link::evaluate(std::string_view code) {
  const json::object message{{"number", ++number_}, {"code", code}};
  peer_->busy = true;
  peer_->unwritten.push_back(json::serialize(message) + "\n");
  if (peer_->unwritten.size() == 1) write_next(peer_);
}

void Link::write_next(std::shared_ptr<Peer> peer) {
  asio::async_write(peer->socket, asio::buffer(peer->unwritten.front()),
                    [this, peer](auto failure, std::size_t) {
                      if (failure) return;  // the reader hears of it too
                      peer->unwritten.pop_front();
                      if (!peer->unwritten.empty()) write_next(peer);
                    });
}

}  // namespace bridge
