#include "api/session_cookies.hpp"

#include <cassert>

#include "http/cookies.hpp"

namespace berth::api {
namespace {

constexpr char kUsername[] = "username";
constexpr char kUserToken[] = "user_token";

using Headers = std::vector<std::pair<std::string, std::string>>;

Headers make_headers(const SessionCookies& cookies, long max_age_s, bool secure) {
  Headers headers;
  for (const auto& [name, value] :
       {std::pair(kUsername, cookies.username), {kUserToken, cookies.user_token}}) {
    auto header = http::set_cookie(name, value, {.max_age_s = max_age_s, .secure = secure});
    assert(header.has_value());  // names and tokens are made of characters that a cookie may have
    headers.emplace_back("Set-Cookie", *header);
  }
  return headers;
}

}  // namespace

Result<SessionCookies> read_session_cookies(const http::Request& request) {
  auto cookies = http::Cookies::parse(request);
  if (!cookies) return std::unexpected(cookies.error());
  const auto username = cookies->find(kUsername);
  const auto user_token = cookies->find(kUserToken);
  if (username.state == http::CookieState::kDuplicate ||
      user_token.state == http::CookieState::kDuplicate) {
    return fail(ErrorCode::kUnauthenticated, "not logged in");
  }
  return SessionCookies{username.value, user_token.value};
}

bool has_session_cookies(const http::Request& request) {
  auto cookies = read_session_cookies(request);
  return !cookies || !cookies->username.empty() || !cookies->user_token.empty();
}

Headers session_headers(const SessionCookies& cookies, long max_age_s, bool secure) {
  return make_headers(cookies, max_age_s, secure);
}

Headers cleared_session_headers(bool secure) { return make_headers({}, 0, secure); }

}  // namespace berth::api
