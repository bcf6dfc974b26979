#include "session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <utility>

#include "limits.hpp"

namespace bridge {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

}  // namespace

Session::Session(beast::tcp_stream stream, Desk& desk) : stream_(std::move(stream)), desk_(desk) {}

asio::awaitable<void> Session::serve(Request upgrade) {
  const auto self = shared_from_this();
  beast::get_lowest_layer(stream_).expires_never();  // the WebSocket's own time limits take over
  auto timeouts = websocket::stream_base::timeout::suggested(beast::role_type::server);
  timeouts.keep_alive_pings = true;
  stream_.set_option(timeouts);
  stream_.read_message_max(limits::kMessageBytes);
  stream_.text(true);

  const auto [refused] = co_await stream_.async_accept(upgrade, kAwait);
  if (refused) co_return;
  beast::flat_buffer buffer;
  while (true) {
    const auto [failure, size] = co_await stream_.async_read(buffer, kAwait);
    if (failure) co_return;
    desk_.take(beast::buffers_to_string(buffer.data()), self);
    buffer.consume(size);
  }
}

void Session::send(std::string message) {
  if (!stream_.is_open()) return;
  unsent_bytes_ += message.size();
  if (unsent_bytes_ > limits::kUnsentBytes) return cut_off();
  unsent_.push_back(std::move(message));
  if (unsent_.size() == 1) write_next();
}

bool Session::keeps_up() const { return unsent_bytes_ < limits::kUnsentLiveBytes; }

void Session::write_next() {
  stream_.async_write(asio::buffer(unsent_.front()),
                      [self = shared_from_this()](auto failure, std::size_t) {
                        if (failure) return;
                        self->unsent_bytes_ -= self->unsent_.front().size();
                        self->unsent_.pop_front();
                        if (!self->unsent_.empty()) self->write_next();
                      });
}

void Session::cut_off() { beast::get_lowest_layer(stream_).close(); }

}  // namespace bridge
