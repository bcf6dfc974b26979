#include "http/web_socket.hpp"

#include <algorithm>

#include "http/tokens.hpp"

namespace berth::http {
namespace {

bool has_in_list(const Request& request, std::string_view name, std::string_view wanted) {
  return std::ranges::any_of(request.headers, [&](const auto& field) {
    return field.first == name && list_contains(field.second, wanted);
  });
}

// 16 bytes as base64; what they are is the client's business.
bool is_key(std::string_view text) {
  constexpr std::size_t kKeyCharacters = 24;
  const auto is_base64 = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '/';
  };
  return text.size() == kKeyCharacters && text.ends_with("==") &&
         std::ranges::all_of(text.substr(0, kKeyCharacters - 2), is_base64);
}

}  // namespace

Result<std::string> web_socket_key(const Request& request) {
  const bool asks = request.method == "GET" && has_in_list(request, "connection", "upgrade") &&
                    has_in_list(request, "upgrade", "websocket");
  if (!asks) return fail(ErrorCode::kInvalid, "this address speaks WebSocket only");
  if (request.header("sec-websocket-version") != "13")
    return fail(ErrorCode::kInvalid, "WebSocket is spoken here in version 13 only");
  const std::string key(request.header("sec-websocket-key"));
  if (!is_key(key))
    return fail(ErrorCode::kInvalid, "the key of the WebSocket handshake is not one");
  return key;
}

}  // namespace berth::http
