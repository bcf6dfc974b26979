#include "api/bearer.hpp"

#include <algorithm>
#include <cctype>

namespace berth::api {
namespace {

constexpr std::string_view kScheme = "bearer";

// RFC 9110: the name of a scheme has no case.
bool is_bearer(std::string_view value) {
  if (value.size() > kScheme.size() && value[kScheme.size()] != ' ') return false;
  return std::ranges::equal(value.substr(0, kScheme.size()), kScheme, {},
                            [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
}

}  // namespace

Result<std::optional<std::string>> read_bearer(const http::Request& request) {
  if (!has_bearer(request)) return std::nullopt;
  const auto named = [](const auto& header) { return header.first == "authorization"; };
  std::string_view token = request.header("authorization");
  token.remove_prefix(std::min(token.size(), kScheme.size()));
  token.remove_prefix(std::min(token.size(), token.find_first_not_of(' ')));
  if (token.empty() || std::ranges::count_if(request.headers, named) > 1)
    return fail(ErrorCode::kUnauthenticated, "not logged in");
  return std::string(token);
}

bool has_bearer(const http::Request& request) {
  return std::ranges::any_of(request.headers, [](const auto& header) {
    return header.first == "authorization" && is_bearer(header.second);
  });
}

}  // namespace berth::api
