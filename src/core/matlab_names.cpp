#include "core/matlab_names.hpp"

#include <cassert>

namespace berth::matlab_names {
namespace {

constexpr std::string_view kPrefix = "matlab-user-";
constexpr int kHttpBase = 30'000;
constexpr int kWsBase = 31'000;

bool is_user(int user) { return user >= 1 && user <= kSlots; }

}  // namespace

std::string container_id(int user) {
  assert(is_user(user));
  return std::string(kPrefix) + std::to_string(user);
}

std::optional<int> parse_container_id(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  if (text.empty() || text.size() > 3 || text[0] == '0') return std::nullopt;
  int user = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    user = user * 10 + (c - '0');
  }
  return is_user(user) ? std::optional(user) : std::nullopt;
}

int http_port(int user) {
  assert(is_user(user));
  return kHttpBase + user;
}

int ws_port(int user) {
  assert(is_user(user));
  return kWsBase + user;
}

}  // namespace berth::matlab_names
