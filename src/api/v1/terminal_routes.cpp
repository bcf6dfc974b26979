#include "api/v1/handlers.hpp"
#include "async/together.hpp"
#include "base/limits.hpp"
#include "http/web_socket.hpp"

namespace berth::api::v1 {
namespace {

using http::CloseCode;
using http::WebSocketMessage;
using Terminal = std::shared_ptr<EngineTerminal>;

// {"resize": {"cols": 80, "rows": 24}}, the only message in words that a client has.
Result<TerminalSize> read_resize(std::string_view text) {
  auto object = json::parse_object(text);
  if (!object) return std::unexpected(object.error());
  json::Fields message(*object);
  auto resize = message.optional_object("resize");
  if (auto r = message.finish_strictly(); !r) return std::unexpected(r.error());
  if (!resize) return fail(ErrorCode::kInvalid, "resize: is missing");
  const auto columns = resize->required_int("cols", 1, limits::kTerminalSide);
  const auto rows = resize->required_int("rows", 1, limits::kTerminalSide);
  if (auto r = resize->finish_strictly(); !r) return std::unexpected(r.error());
  return TerminalSize{static_cast<int>(columns), static_cast<int>(rows)};
}

// The next message is not read before the engine has taken this one.
Task<> pass_input(Terminal terminal, http::WebSocket& socket) {
  while (auto message = co_await socket.receive()) {
    if (!message->is_text) {
      co_await terminal->write(std::move(message->bytes));
      continue;
    }
    auto size = read_resize(message->bytes);
    if (!size) {
      co_await socket.close(CloseCode::kInvalidMessage, size.error().message);
      break;
    }
    // One that came too late, since the shell has ended, harms nobody.
    auto resized = co_await terminal->resize(*size);
    static_cast<void>(resized);
  }
  terminal->close();
}

// The next bytes are not read from the engine before the client has taken these.
Task<> pass_output(Terminal terminal, http::WebSocket& socket) {
  bool is_open = true;
  while (is_open) {
    std::string bytes = co_await terminal->read();
    if (bytes.empty()) break;
    WebSocketMessage piece{.bytes = std::move(bytes)};
    is_open = co_await socket.send(std::move(piece));
  }
  auto code = co_await terminal->exit_code();
  if (!code) co_return co_await socket.close(CloseCode::kInternal, "the device does not answer");
  WebSocketMessage last{.bytes = json::encode({{"exit", *code}}), .is_text = true};
  co_await socket.send(std::move(last));
  co_await socket.close(CloseCode::kNormal, "the shell has ended");
}

Task<> converse(const Services& services, UserId uid, Terminal terminal, http::WebSocket& socket) {
  auto subscription = services.changes.subscribe([&socket, uid](const Change& change) {
    if (change.kind == Change::Kind::kAccount && change.owner == uid) socket.recheck();
  });
  co_await together(pass_input(terminal, socket), pass_output(terminal, socket));
  // Waited for, so that a server that ends leaves no shell behind.
  auto done = co_await terminal->hang_up();
  static_cast<void>(done);
}

http::Response refuse_handshake(const http::Request& request, const Error& error) {
  http::Response response = problem(request, error);
  response.headers.emplace_back("Sec-WebSocket-Version", "13");
  return response;
}

// Who may see the container comes before everything that could tell whether there is one.
Task<http::Response> open(const Services& services, Actor actor, http::Request request) {
  auto cid = read_id(request, "cid");
  if (!cid) co_return problem(request, cid.error());
  Query query(request);
  TerminalSize size;
  size.columns =
      static_cast<int>(query.number("cols", 1, limits::kTerminalSide).value_or(size.columns));
  size.rows = static_cast<int>(query.number("rows", 1, limits::kTerminalSide).value_or(size.rows));
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  auto found = co_await services.containers.look(actor, ContainerId{*cid});
  if (!found) co_return problem(request, found.error());
  auto key = http::web_socket_key(request);
  if (!key) co_return refuse_handshake(request, key.error());
  auto cookies = read_session_cookies(request);
  if (!cookies) co_return problem(request, cookies.error());
  auto terminal = co_await services.terminals.open(actor, ContainerId{*cid}, size);
  if (!terminal) co_return problem(request, terminal.error());
  auto upgrade = std::make_shared<http::WebSocketUpgrade>();
  upgrade->key = *key;
  upgrade->may_go_on = [&services, actor, cookies = *cookies] {
    return is_still_logged_in(services, actor, cookies);
  };
  upgrade->converse = [&services, uid = actor.uid, terminal = *terminal](http::WebSocket& socket) {
    return converse(services, uid, terminal, socket);
  };
  co_return http::Response{.status = 101, .web_socket = std::move(upgrade)};
}

}  // namespace

void add_terminal_routes(const Services& services, Routes& routes) {
  add_user(services, routes, "GET", "/api/v1/containers/{cid}/terminal", open);
}

}  // namespace berth::api::v1
