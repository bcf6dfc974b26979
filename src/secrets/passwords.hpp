#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace berth::secrets {

// argon2id with 19 MiB and two passes: 13 ms of a core. Slow on purpose: behind
// PasswordGate, never on the I/O thread. kUnavailable: no memory for it now.
Result<std::string> hash_password(std::string_view password);

// False for a wrong password and for a hash that is none.
bool verify_password(const std::string& hash, std::string_view password);

// As slow as verify_password and always false: for a user that does not exist.
bool verify_dummy(std::string_view password);

}  // namespace berth::secrets
