#include "http/cookies.hpp"

#include <algorithm>
#include <array>

#include "base/limits.hpp"
#include "http/tokens.hpp"

namespace berth::http {
namespace {

std::string_view to_string(SameSite same_site) {
  constexpr std::array<std::string_view, 3> kNames{"Lax", "Strict", "None"};
  return kNames[static_cast<std::size_t>(same_site)];
}

}  // namespace

Result<Cookies> Cookies::parse(const Request& request) {
  Cookies cookies;
  std::size_t bytes = 0;
  for (const auto& [name, value] : request.headers) {
    if (name != "cookie") continue;
    bytes += value.size();
    if (bytes > limits::kCookieBytes) return fail(ErrorCode::kTooLarge, "the cookies are too long");
    cookies.add_header(value);
  }
  if (cookies.pairs_.size() > limits::kCookies)
    return fail(ErrorCode::kTooLarge, "too many cookies");
  return cookies;
}

void Cookies::add_header(std::string_view header) {
  while (!header.empty()) {
    const std::size_t end = std::min(header.find(';'), header.size());
    add_pair(trim_blanks(header.substr(0, end)));
    header.remove_prefix(std::min(end + 1, header.size()));
  }
}

void Cookies::add_pair(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = text.substr(0, equals);
  if (is_token(name)) pairs_.push_back({std::string(name), std::string(text.substr(equals + 1))});
}

FoundCookie Cookies::find(std::string_view name) const {
  const auto found = std::ranges::find(pairs_, name, &Pair::name);
  if (found == pairs_.end()) return {};
  if (std::ranges::count(pairs_, name, &Pair::name) > 1) return {CookieState::kDuplicate, {}};
  if (!is_cookie_value(found->value)) return {CookieState::kMalformed, {}};
  return {CookieState::kPresent, found->value};
}

Result<std::string> set_cookie(std::string_view name, std::string_view value,
                               const CookieOptions& options) {
  if (!is_token(name)) return fail(ErrorCode::kInvalid, "this is no name for a cookie");
  if (!is_cookie_value(value)) return fail(ErrorCode::kInvalid, "this is no value for a cookie");
  if (options.same_site == SameSite::kNone && !options.secure) {
    return fail(ErrorCode::kInvalid, "SameSite=None needs Secure");
  }
  std::string header(name);
  header.append("=").append(value).append("; Path=/");
  if (options.max_age_s) header.append("; Max-Age=").append(std::to_string(*options.max_age_s));
  if (options.http_only) header.append("; HttpOnly");
  if (options.secure) header.append("; Secure");
  header.append("; SameSite=").append(to_string(options.same_site));
  return header;
}

}  // namespace berth::http
