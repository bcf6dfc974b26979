// Each line is one Cookie header: what is found was sent once and is clean, what comes twice counts
// for nothing, and what we set comes back.
#include "base/limits.hpp"
#include "fuzz.hpp"
#include "http/cookies.hpp"
#include "http/tokens.hpp"

namespace berth::fuzz {
namespace {

using http::Cookies;
using http::CookieState;

constexpr std::string_view kNames[] = {"username", "user_token", "a", ""};

http::Request request_of(std::string_view input) {
  http::Request request;
  while (!input.empty()) request.headers.emplace_back("cookie", take_line(input));
  return request;
}

void check_found(const http::Request& request, const Cookies& cookies, std::string_view name) {
  const auto found = cookies.find(name);
  require((found.state == CookieState::kPresent) || found.value.empty(), "a value when present");
  require(http::is_cookie_value(found.value), "a clean value");
  if (found.state == CookieState::kAbsent) return;

  http::Request twice = request;
  twice.headers.emplace_back("cookie", std::string(name) + "=other");
  const auto both = Cookies::parse(twice);
  require(!both || both->find(name).state == CookieState::kDuplicate, "sent twice, counts not");

  http::Request more = request;
  more.headers.emplace_back("cookie", "unrelated=1");
  const auto with_more = Cookies::parse(more);
  require(!with_more || with_more->find(name).state == found.state, "another spoils nothing");
}

void check_set(std::string_view name, std::string_view value) {
  const auto header = http::set_cookie(name, value, {.max_age_s = 1});
  if (!header) return;
  require(http::is_field_value(*header), "one line");
  http::Request request;
  request.headers.emplace_back("cookie", header->substr(0, header->find(';')));
  const auto cookies = Cookies::parse(request);
  if (!cookies) return;  // longer than what we take back
  const auto found = cookies->find(name);
  require(found.state == CookieState::kPresent && found.value == value, "there and back");
}

void check(std::string_view input) {
  const http::Request request = request_of(input);
  const auto cookies = Cookies::parse(request);
  if (cookies) {
    for (const std::string_view name : kNames) check_found(request, *cookies, name);
  } else {
    require(cookies.error().code == ErrorCode::kTooLarge, "the only refusal");
  }
  const std::string_view first = input.substr(0, input.find('='));
  check_set(first, input.substr(std::min(first.size() + 1, input.size())));
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
