#include "api/v1/access.hpp"

#include <algorithm>
#include <cassert>

namespace berth::api::v1 {
namespace {

constexpr std::string_view kNames[] = {"public", "read", "write", "admin", "login"};

}  // namespace

std::string_view to_string(Access access) { return kNames[static_cast<std::size_t>(access)]; }

bool is_access(std::string_view name) {
  return std::ranges::find(kNames, name) != std::end(kNames);
}

bool covers(const ApiTokenScopes& scopes, Access access) {
  switch (access) {
    case Access::kPublic:
      return true;
    case Access::kRead:
      return scopes.read || scopes.write || scopes.admin;
    case Access::kWrite:
      return scopes.write || scopes.admin;
    case Access::kAdmin:
      return scopes.admin;
    case Access::kLogin:
      return false;
  }
  return false;
}

std::string needed_by(Access access) {
  if (access == Access::kLogin) return "this needs a login by cookies, not a token";
  return "this needs a token of the scope " + std::string(to_string(access));
}

}  // namespace berth::api::v1
