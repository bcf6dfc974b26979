#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "http/body_stream.hpp"
#include "http/client_stream.hpp"
#include "http/connections.hpp"
#include "http/framing.hpp"
#include "http/http_date.hpp"
#include "http/request_ids.hpp"
#include "http/response_text.hpp"
#include "http/target.hpp"
#include "http/web_socket_server.hpp"

namespace berth::http {

// What the sessions of one server share.
struct SessionContext {
  FramingLimits limits;
  Handler handler;
  Refuse refuse;
  Connections connections;
  RequestIds ids;
  HttpDate date;
  ReadBuffer buffer;
};

// One connection from its first byte to its last: requests in order, one at a time. Only server.cpp
// includes this.
template <class Stream>
class Session {
 public:
  Session(std::shared_ptr<SessionContext> context, Stream stream, std::string peer)
      : context_(std::move(context)),
        client_(std::move(stream), context_->connections, context_->buffer),
        peer_(std::move(peer)) {}

  Task<> run() {
    bool goes_on = co_await client_.handshake();
    while (goes_on) goes_on = co_await serve_one();
    if (!client_.is_gone()) co_await client_.close_gently();
  }

 private:
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
                    .tls = ClientStream<Stream>::kIsTls};
    if (!co_await read_body(*head, request.body)) co_return false;
    co_return co_await answer(std::move(request), head->keep_alive);
  }

  Task<std::optional<RequestHead>> read_head() {
    HeadScanner scanner(context_->limits);
    release_input();
    connection().enter(input_.empty() ? Phase::kIdle : Phase::kHeader);
    while (!scanner.scan(input_)) {
      if (!co_await client_.read_into(input_)) {
        co_await give_up_reading();
        co_return std::nullopt;
      }
      if (connection().phase() == Phase::kIdle) connection().enter(Phase::kHeader);
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
      const bool is_sent = co_await client_.write(std::move(go_on));
      if (!is_sent) co_return false;
    }
    connection().enter(Phase::kBody);
    while (input_.size() < head.content_length) {
      if (!co_await client_.read_into(input_)) {
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
    connection().enter(Phase::kHandler);
    const Response response = co_await ask_handler(std::move(request));
    keep_alive = keep_alive && !context_->connections.is_draining();
    log_access(what, response, started);
    if (response.web_socket) {
      co_await change_protocol(*response.web_socket, keep_alive);
      co_return false;
    }
    if (response.stream) {
      co_await send_stream(response, is_head);
      co_return false;
    }
    std::string bytes = write_response(response, frame(keep_alive, is_head));
    const bool is_sent = co_await client_.write(std::move(bytes));
    co_return is_sent&& keep_alive;
  }

  // What came behind the request was sent by somebody who has not read the answer: nothing says
  // which protocol it is.
  Task<> change_protocol(const WebSocketUpgrade& upgrade, bool keep_alive) {
    if (!keep_alive || !input_.empty()) {
      co_await refuse({400, "a WebSocket begins with the answer to an HTTP/1.1 request"});
      co_return;
    }
    co_await serve_web_socket(client_.stream(), connection(), upgrade, request_id_);
    client_.give_up();
  }

  // A response that takes the connection over: written as it comes, until its maker closes it, the
  // client leaves or reads too slowly, or the server drains.
  Task<> send_stream(const Response& response, bool is_head) {
    const std::shared_ptr<BodyStream> stream = response.stream;
    ResponseFrame head = frame(false, is_head);
    head.is_stream = true;
    std::string bytes = write_response(response, head);
    bool goes_on = co_await client_.write(std::move(bytes));
    auto wake = boost::asio::steady_timer(co_await boost::asio::this_coro::executor);
    stream->on_wake([&wake] { wake.cancel(); });
    connection().on_stream_over([stream] { stream->close(); });
    while (goes_on && !is_head && !stream->is_closed()) goes_on = co_await send_next(*stream, wake);
    connection().on_stream_over({});
    stream->on_wake({});
    stream->close();
  }

  Task<bool> send_next(BodyStream& stream, boost::asio::steady_timer& wake) {
    std::string piece = stream.take();
    if (piece.empty()) {
      connection().enter(Phase::kStream);
      if (stream.is_closed()) co_return false;
      const bool was_silent = co_await await_wake(stream, wake);
      if (!was_silent && !stream.take_recheck()) co_return true;
      const bool goes_on = co_await is_allowed(stream);
      if (!goes_on || stream.is_closed()) co_return false;
      if (!was_silent) co_return true;
      piece = stream.take() + stream.options().heartbeat;
    }
    co_return co_await client_.write(std::move(piece));
  }

  // True: nobody woke it for as long as a heartbeat may be away.
  static Task<bool> await_wake(const BodyStream& stream, boost::asio::steady_timer& wake) {
    wake.expires_after(stream.options().heartbeat_every);
    auto [error] = co_await wake.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return !error;
  }

  Task<bool> is_allowed(const BodyStream& stream) {
    if (!stream.options().may_go_on) co_return true;
    try {
      co_return co_await stream.options().may_go_on();
    } catch (const std::exception& error) {
      log(LogLevel::kError, "stream ended", {{"request", request_id_}, {"error", error.what()}});
    }
    co_return false;
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
    co_await client_.write(std::move(bytes));
  }

  // The client closed, or took too long: only the second can still hear about it.
  Task<> give_up_reading() {
    const bool can_hear = connection().is_expired() && connection().phase() != Phase::kIdle;
    if (can_hear) {
      request_id_ = context_->ids.next();
      co_await refuse({408, "the request took too long"});
    } else {
      client_.give_up();
    }
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

  Connection& connection() { return client_.connection(); }

  void release_input() {
    constexpr std::size_t kKeptBytes = 1024;
    if (input_.empty() && input_.capacity() > kKeptBytes) input_ = {};
  }

  std::shared_ptr<SessionContext> context_;
  ClientStream<Stream> client_;
  std::string peer_;
  std::string input_;  // received, not yet used; bounded by the header's and the body's limits
  std::string request_id_;
};

}  // namespace berth::http
