#pragma once

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <concepts>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "http/connections.hpp"
#include "http/framing.hpp"
#include "http/http_date.hpp"
#include "http/request_ids.hpp"
#include "http/response_text.hpp"
#include "http/target.hpp"

namespace berth::http {

// TCP and unix sockets alike. Their executor is that of the coroutines: mixing a concrete one with
// any_io_executor sends every completion through the slow way (handler_work.hpp of Asio 1.81).
using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol>;
using TlsStream = boost::asio::ssl::stream<Socket>;

// What the sessions of one server share.
struct SessionContext {
  FramingLimits limits;
  Handler handler;
  Refuse refuse;
  Connections connections;
  RequestIds ids;
  HttpDate date;
  // Plain sockets are read when they are readable, at once, into here: an idle connection has no
  // buffer of its own.
  std::array<char, 16 * 1024> scratch;
};

// One connection from its first byte to its last: requests in order, one at a time. Only server.cpp
// includes this.
template <class Stream>
class Session {
 public:
  Session(std::shared_ptr<SessionContext> context, Stream stream, std::string peer)
      : context_(std::move(context)),
        stream_(std::move(stream)),
        peer_(std::move(peer)),
        connection_(context_->connections, stream_.lowest_layer().native_handle()) {}

  Task<> run() {
    bool goes_on = co_await handshake();
    while (goes_on) goes_on = co_await serve_one();
    if (!is_gone_) co_await linger();
  }

 private:
  static constexpr bool kIsTls = std::same_as<Stream, TlsStream>;
  static constexpr auto kToken = boost::asio::as_tuple(boost::asio::use_awaitable);

  Task<bool> handshake() {
    if constexpr (kIsTls) {
      connection_.enter(Phase::kHandshake);
      auto [error] =
          co_await stream_.async_handshake(boost::asio::ssl::stream_base::server, kToken);
      is_gone_ = static_cast<bool>(error);
    }
    co_return !is_gone_;
  }

  // False: the connection ends.
  Task<bool> serve_one() {
    std::optional<RequestHead> head = co_await read_head();
    if (!head) co_return false;
    request_id_ = context_->ids.next();
    auto target = parse_target(head->target);
    if (!target) {
      co_await refuse({400, "malformed request target"});
      co_return false;
    }
    Request request{.method = std::move(head->method),
                    .path = std::move(target->path),
                    .query = std::move(target->query),
                    .headers = std::move(head->headers),
                    .peer = peer_,
                    .id = request_id_,
                    .tls = kIsTls};
    if (!co_await read_body(*head, request.body)) co_return false;
    co_return co_await answer(std::move(request), head->keep_alive);
  }

  Task<std::optional<RequestHead>> read_head() {
    HeadScanner scanner(context_->limits);
    release_input();
    connection_.enter(input_.empty() ? Phase::kIdle : Phase::kHeader);
    while (!scanner.scan(input_)) {
      if (!co_await read_more()) {
        co_await give_up_reading();
        co_return std::nullopt;
      }
      if (connection_.phase() == Phase::kIdle) connection_.enter(Phase::kHeader);
    }
    auto result = scanner.take_result();
    if (const auto* refusal = std::get_if<Refusal>(&result)) {
      request_id_ = context_->ids.next();
      co_await refuse(*refusal);
      co_return std::nullopt;
    }
    RequestHead head = std::get<RequestHead>(std::move(result));
    input_.erase(0, head.bytes);
    co_return head;
  }

  Task<bool> read_body(const RequestHead& head, std::string& body) {
    if (head.content_length == 0) co_return true;
    if (head.expects_continue && input_.empty()) {
      // Not one condition: g++ 12 miscompiles `if (a && !co_await f(temporary))`.
      std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
      const bool is_sent = co_await send(std::move(go_on));
      if (!is_sent) co_return false;
    }
    connection_.enter(Phase::kBody);
    while (input_.size() < head.content_length) {
      if (!co_await read_more()) {
        co_await give_up_reading();
        co_return false;
      }
    }
    body = input_.substr(0, head.content_length);
    input_.erase(0, head.content_length);
    co_return true;
  }

  Task<bool> answer(Request request, bool keep_alive) {
    const auto started = Connections::Clock::now();
    const bool is_head = request.method == "HEAD";
    const std::string what = request.method + " " + request.path;
    connection_.enter(Phase::kHandler);
    const Response response = co_await ask_handler(std::move(request));
    keep_alive = keep_alive && !context_->connections.is_draining();
    log_access(what, response, started);
    // A response that takes the connection over (WebSocket, server-sent events) will leave here.
    std::string bytes = write_response(response, frame(keep_alive, is_head));
    const bool is_sent = co_await send(std::move(bytes));
    co_return is_sent && keep_alive;
  }

  Task<Response> ask_handler(Request request) {
    std::string failure;
    try {
      co_return co_await context_->handler(std::move(request));
    } catch (const std::exception& error) {
      failure = error.what();
    } catch (...) {
      failure = "unknown exception";
    }
    log(LogLevel::kError, "handler threw", {{"request", request_id_}, {"error", failure}});
    co_return context_->refuse(500, "internal error");
  }

  Task<> refuse(Refusal refusal) {
    const Response response = context_->refuse(refusal.status, refusal.reason);
    if (log_enabled(LogLevel::kDebug)) {
      log(LogLevel::kDebug, "request refused",
          {{"request", request_id_},
           {"peer", peer_},
           {"status", response.status},
           {"reason", refusal.reason}});
    }
    std::string bytes = write_response(response, frame(false, false));
    co_await send(std::move(bytes));
  }

  // The client closed, or took too long: only the second can still hear about it.
  Task<> give_up_reading() {
    const bool can_hear = connection_.is_expired() && connection_.phase() != Phase::kIdle;
    if (can_hear) {
      request_id_ = context_->ids.next();
      co_await refuse({408, "the request took too long"});
    } else {
      is_gone_ = true;
    }
  }

  // False: nothing more will come in this phase.
  Task<bool> read_more() {
    if constexpr (kIsTls) {
      std::array<char, 4096> piece;
      auto [error, bytes] = co_await stream_.async_read_some(boost::asio::buffer(piece), kToken);
      input_.append(piece.data(), bytes);
      co_return !error && !connection_.is_expired();
    } else {
      co_return co_await read_ready(stream_,
                                    [this](std::string_view bytes) { input_.append(bytes); });
    }
  }

  template <class Sink>
  Task<bool> read_ready(Socket& socket, Sink sink) {
    boost::system::error_code error = boost::asio::error::would_block;
    while (error == boost::asio::error::would_block) {
      auto [failed] = co_await socket.async_wait(Socket::wait_read, kToken);
      if (failed || connection_.is_expired()) co_return false;
      const std::size_t bytes = socket.read_some(boost::asio::buffer(context_->scratch), error);
      sink(std::string_view(context_->scratch.data(), bytes));
    }
    co_return !error;
  }

  Task<bool> send(std::string bytes) {
    connection_.enter(Phase::kWrite);
    boost::asio::const_buffer rest = boost::asio::buffer(bytes);
    boost::system::error_code failed;
    if constexpr (!kIsTls)
      rest += stream_.write_some(rest, failed);  // nearly always all of it, without a wait
    if (failed == boost::asio::error::would_block) failed = {};
    if (!failed && rest.size() > 0) {
      auto [error, written] = co_await boost::asio::async_write(stream_, rest, kToken);
      failed = error;
    }
    is_gone_ = is_gone_ || failed;
    co_return !failed;
  }

  // Closing at once with bytes unread would reset the connection, and the client would lose our
  // last answer.
  Task<> linger() {
    connection_.enter(Phase::kLinger);
    if constexpr (kIsTls) co_await stream_.async_shutdown(kToken);
    auto& socket = static_cast<Socket&>(stream_.lowest_layer());
    boost::system::error_code ignored;
    socket.shutdown(Socket::shutdown_send, ignored);
    std::size_t dropped = 0;
    const auto drop = [&dropped](std::string_view bytes) { dropped += bytes.size(); };
    bool goes_on = true;
    while (goes_on && dropped < limits::kLingerBytes) goes_on = co_await read_ready(socket, drop);
  }

  ResponseFrame frame(bool keep_alive, bool is_head) {
    return {.request_id = request_id_,
            .date = context_->date.now(),
            .keep_alive = keep_alive,
            .is_head = is_head};
  }

  void log_access(const std::string& what, const Response& response,
                  Connections::Clock::time_point started) {
    const LogLevel level = response.status >= 500 ? LogLevel::kWarn : LogLevel::kDebug;
    if (!log_enabled(level)) return;
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(Connections::Clock::now() - started);
    log(level, "request",
        {{"request", request_id_},
         {"peer", peer_},
         {"what", what},
         {"status", response.status},
         {"bytes", response.body.size()},
         {"ms", static_cast<std::int64_t>(took.count())}});
  }

  void release_input() {
    constexpr std::size_t kKeptBytes = 1024;
    if (input_.empty() && input_.capacity() > kKeptBytes) input_ = {};
  }

  std::shared_ptr<SessionContext> context_;
  Stream stream_;
  std::string peer_;
  Connection connection_;
  std::string input_;  // received, not yet used; bounded by the header's and the body's limits
  std::string request_id_;
  bool is_gone_ = false;  // the client cannot be reached any more
};

}  // namespace berth::http
