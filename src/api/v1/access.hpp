#pragma once

#include <string>
#include <string_view>

#include "store/store.hpp"

namespace berth::api::v1 {

// Who may call a route, and with which token: the one table from which every route has its guard
// and the authorization matrix its rows.
enum class Access {
  kPublic,  // everybody
  kRead,    // whoever is logged in; a token of any scope
  kWrite,   // the same, but not a token that only reads
  kAdmin,   // an admin; a token of the scope admin
  kLogin,   // whoever is logged in by cookies: a stolen token must not make itself last
};

std::string_view to_string(Access access);
bool is_access(std::string_view name);

bool covers(const ApiTokenScopes& scopes, Access access);
// What a token would have needed, as a sentence.
std::string needed_by(Access access);

}  // namespace berth::api::v1
