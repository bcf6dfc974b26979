#include "api/denials.hpp"

#include <algorithm>

#include "api/same_origin.hpp"

namespace berth::api {
namespace {

constexpr std::size_t kLongest = 128;  // of what a record keeps of a path

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
         c == '-' || c == '_' || c == '.';
}

}  // namespace

std::string change_of(const http::Request& request) {
  if (!may_change_something(request)) return "";
  std::string path = request.path.substr(0, kLongest);
  std::ranges::replace_if(path, [](char c) { return !is_plain(c); }, '?');
  return request.method + " " + path;
}

Task<http::Response> noting_denial(Accounts& accounts, Actor actor, std::string change,
                                   http::Response response) {
  const bool is_denial = response.status == 403 || response.status == 404;
  if (is_denial && !change.empty()) co_await accounts.note_denied(actor, change);
  co_return response;
}

}  // namespace berth::api
