#include "server.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "limits.hpp"

namespace bridge {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace json = boost::json;
using asio::ip::tcp;

using Response = http::response<http::string_body>;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptPause{100};

Response make_response(const Session::Request& request, http::status status, std::string type,
                       std::string body) {
  Response response(status, request.version());
  response.set(http::field::content_type, type);
  response.set(http::field::cache_control, "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  response.keep_alive(request.keep_alive());
  response.body() = std::move(body);
  response.prepare_payload();
  return response;
}

std::string_view header(const Session::Request& request, http::field name) {
  const auto value = request[name];
  return {value.data(), value.size()};
}

std::string_view path_of(const Session::Request& request) {
  const std::string_view target(request.target().data(), request.target().size());
  return target.substr(0, target.find('?'));
}

}  // namespace

bool OriginRule::admits(std::string_view origin, std::string_view host) const {
  if (anyone || origin.empty()) return true;
  if (std::find(allowed.begin(), allowed.end(), origin) != allowed.end()) return true;
  const std::size_t scheme = origin.find("://");
  return scheme != std::string_view::npos && origin.substr(scheme + 3) == host;
}

Server::Server(asio::any_io_executor executor, std::uint16_t port, Site site, Desk& desk)
    : acceptor_(executor, {tcp::v4(), port}), site_(std::move(site)), desk_(desk) {
  asio::co_spawn(executor, accept(), asio::detached);
}

asio::awaitable<void> Server::accept() {
  while (true) {
    auto [failure, socket] = co_await acceptor_.async_accept(kAwait);
    if (failure == asio::error::operation_aborted) co_return;
    if (failure) {  // no descriptors left, say: wait for some
      asio::steady_timer pause(acceptor_.get_executor(), kAcceptPause);
      co_await pause.async_wait(kAwait);
      continue;
    }
    if (connections_ >= limits::kConnections) continue;  // the socket closes here
    boost::system::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    ++connections_;
    asio::co_spawn(acceptor_.get_executor(), serve(beast::tcp_stream(std::move(socket))),
                   [this](const std::exception_ptr&) { --connections_; });
  }
}

asio::awaitable<void> Server::serve(beast::tcp_stream stream) {
  beast::flat_buffer buffer;
  while (true) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(limits::kRequestHeaderBytes);
    parser.body_limit(0);
    stream.expires_after(limits::kRequestTime);
    const auto [failure, read] = co_await http::async_read(stream, buffer, parser, kAwait);
    if (failure) co_return;
    const Request& request = parser.get();
    if (beast::websocket::is_upgrade(request)) {
      co_return co_await upgrade(std::move(stream), parser.release());
    }
    const Response response = answer(request);
    stream.expires_after(limits::kRequestTime);
    const auto [unsent, written] = co_await http::async_write(stream, response, kAwait);
    if (unsent || !response.keep_alive()) co_return;
  }
}

asio::awaitable<void> Server::upgrade(beast::tcp_stream stream, Request request) {
  const bool console = !site_.page.empty();
  std::optional<Response> refusal;
  if (console && path_of(request) != "/ws") {
    refusal = make_response(request, http::status::not_found, "text/plain", "not found\n");
  } else if (!site_.origins.admits(header(request, http::field::origin),
                                   header(request, http::field::host))) {
    refusal = make_response(request, http::status::forbidden, "text/plain",
                            "pages of this origin may not connect\n");
  }
  if (refusal) {
    refusal->keep_alive(false);
    co_await http::async_write(stream, *refusal, kAwait);
    co_return;
  }
  const auto session = std::make_shared<Session>(std::move(stream), desk_);
  co_await session->serve(std::move(request));
}

std::string Server::health() const {
  json::object state{
      {"ready", desk_.is_ready()}, {"starts", desk_.starts()}, {"waiting", desk_.waiting()}};
  if (desk_.startup_error()) state["startup_error"] = *desk_.startup_error();
  return json::serialize(state) + "\n";
}

Response Server::answer(const Request& request) const {
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    return make_response(request, http::status::method_not_allowed, "text/plain", "only GET\n");
  }
  const std::string_view path = path_of(request);
  Response response;
  if (path == "/healthz") {
    const auto status = desk_.is_ready() ? http::status::ok : http::status::service_unavailable;
    response = make_response(request, status, "application/json", health());
  } else if (site_.page.empty()) {
    response = make_response(request, http::status::upgrade_required, "text/plain",
                             "this port speaks WebSocket\n");
    response.set(http::field::upgrade, "websocket");
  } else if (path == "/") {
    response = make_response(request, http::status::ok, "text/html; charset=utf-8", site_.page);
  } else {
    response = make_response(request, http::status::not_found, "text/plain", "not found\n");
  }
  if (request.method() == http::verb::head) response.body().clear();
  return response;
}

}  // namespace bridge
