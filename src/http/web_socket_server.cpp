#include "http/web_socket_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <exception>
#include <utility>

#include "async/together.hpp"
#include "base/log.hpp"

namespace berth::http {
namespace {

namespace beast = boost::beast;
namespace ws = boost::beast::websocket;
constexpr auto kToken = boost::asio::as_tuple(boost::asio::use_awaitable);

// The handshake was read and checked by our own framing: Beast sees what it needs to answer.
beast::http::request<beast::http::empty_body> handshake(const std::string& key) {
  beast::http::request<beast::http::empty_body> request(beast::http::verb::get, "/", 11);
  using beast::http::field;
  request.set(field::host, "berth");
  request.set(field::connection, "Upgrade");
  request.set(field::upgrade, "websocket");
  request.set(field::sec_websocket_version, "13");
  request.set(field::sec_websocket_key, key);
  return request;
}

template <class Stream>
class BeastSocket final : public WebSocket {
 public:
  BeastSocket(Stream& stream, Connection& connection, const WebSocketUpgrade& upgrade,
              std::string_view request_id)
      : socket_(stream),
        connection_(connection),
        upgrade_(upgrade),
        request_id_(request_id),
        wake_(stream.get_executor()) {
    socket_.set_option(ws::stream_base::timeout{.handshake_timeout = limits::kWebSocketHandshake,
                                                .idle_timeout = upgrade.idle,
                                                .keep_alive_pings = true});
    socket_.read_message_max(upgrade.message_bytes);
    socket_.auto_fragment(false);
    socket_.set_option(ws::stream_base::decorator([this](ws::response_type& response) {
      response.set(beast::http::field::server, "berth");
      response.set("X-Request-Id", request_id_);
    }));
    connection_.on_stream_over([this] {
      is_draining_ = true;
      wake_.cancel();
    });
  }
  ~BeastSocket() override { connection_.on_stream_over({}); }

  Task<> run() {
    const auto request = handshake(upgrade_.key);
    auto [error] = co_await socket_.async_accept(request, kToken);
    if (error) co_return;
    connection_.enter(Phase::kWebSocket);
    co_await together(converse(), guard());
  }

  Task<std::optional<WebSocketMessage>> receive() override {
    beast::flat_buffer buffer(upgrade_.message_bytes);
    auto [error, bytes] = co_await socket_.async_read(buffer, kToken);
    if (error) co_return std::nullopt;
    co_return WebSocketMessage{beast::buffers_to_string(buffer.data()), socket_.got_text()};
  }

  // A client that does not read is cut off as any other reader that is too slow.
  Task<bool> send(WebSocketMessage message) override {
    connection_.enter(Phase::kWrite);
    socket_.text(message.is_text);
    auto [error, bytes] = co_await socket_.async_write(boost::asio::buffer(message.bytes), kToken);
    connection_.enter(Phase::kWebSocket);
    co_return !error;
  }

  Task<> close(CloseCode code, std::string_view reason) override {
    constexpr std::size_t kMostOfAFrame = 123;
    if (std::exchange(is_closing_, true)) co_return;
    reason = reason.substr(0, kMostOfAFrame);
    const ws::close_reason why(static_cast<ws::close_code>(code), {reason.data(), reason.size()});
    co_await socket_.async_close(why, kToken);
  }

  void recheck() override {
    wants_check_ = true;
    wake_.cancel();
  }

 private:
  Task<> converse() {
    CloseCode code = CloseCode::kNormal;
    try {
      co_await upgrade_.converse(*this);
    } catch (const std::exception& error) {
      log(LogLevel::kError, "WebSocket ended", {{"request", request_id_}, {"error", error.what()}});
      code = CloseCode::kInternal;
    }
    if (socket_.is_open()) co_await close(code, "");
    is_over_ = true;
    wake_.cancel();
  }

  // Beside the conversation: whether it may go on, and the end of the server.
  Task<> guard() {
    while (!is_over_) {
      const bool has_reason = !is_closing_ && (is_draining_ || wants_check_);
      if (!has_reason) {
        wake_.expires_after(upgrade_.check_every);
        co_await wake_.async_wait(kToken);
      }
      if (is_over_ || is_closing_) continue;
      wants_check_ = false;
      const bool goes_on = co_await is_allowed();
      if (is_draining_) {
        co_await close(CloseCode::kGoingAway, "the server ends");
      } else if (!goes_on) {
        co_await close(CloseCode::kPolicy, "not allowed any more");
      }
    }
  }

  Task<bool> is_allowed() {
    if (!upgrade_.may_go_on) co_return true;
    try {
      co_return co_await upgrade_.may_go_on();
    } catch (const std::exception& error) {
      log(LogLevel::kError, "WebSocket ended", {{"request", request_id_}, {"error", error.what()}});
    }
    co_return false;
  }

  ws::stream<Stream&, false> socket_;
  Connection& connection_;
  const WebSocketUpgrade& upgrade_;
  std::string request_id_;
  boost::asio::steady_timer wake_;  // the guard's
  bool wants_check_ = false;
  bool is_draining_ = false;
  bool is_closing_ = false;
  bool is_over_ = false;
};

}  // namespace

template <class Stream>
Task<> serve_web_socket(Stream& stream, Connection& connection, const WebSocketUpgrade& upgrade,
                        std::string_view request_id) {
  BeastSocket<Stream> socket(stream, connection, upgrade, request_id);
  co_await socket.run();
}

template Task<> serve_web_socket(Socket&, Connection&, const WebSocketUpgrade&, std::string_view);
template Task<> serve_web_socket(TlsStream&, Connection&, const WebSocketUpgrade&,
                                 std::string_view);

}  // namespace berth::http
