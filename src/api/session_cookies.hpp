#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "http/message.hpp"

namespace berth::api {

// The two cookies of the platform's contract.
struct SessionCookies {
  std::string username;
  std::string user_token;
};

// Empty strings where a cookie is missing. kUnauthenticated when one of the two comes twice: which
// one would count?
Result<SessionCookies> read_session_cookies(const http::Request& request);

// Whether there is either of the two, however often.
bool has_session_cookies(const http::Request& request);

// Set-Cookie headers that log in, and those that clear both.
std::vector<std::pair<std::string, std::string>> session_headers(const SessionCookies& cookies,
                                                                 long max_age_s, bool secure);
std::vector<std::pair<std::string, std::string>> cleared_session_headers(bool secure);

}  // namespace berth::api
