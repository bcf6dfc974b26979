#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"

// What people may call themselves and their things. Each gives kInvalid with `field: rule`.
namespace berth::rules {

// 1 to 32 of ASCII letters, digits and _ . -
Result<> check_user_name(std::string_view name);

// One @ with something on both sides, at most 254 printable ASCII characters, no space.
Result<> check_email(std::string_view email);

// UTF-8, at least `min` characters and at most 256 bytes.
Result<> check_password(std::string_view password, std::size_t min);

// 1 to 64 characters of any script, for what is shown to people: no control characters, no line or
// paragraph separator, and none of the marks that turn the direction of text around and so make a
// name look like another one.
Result<> check_name(std::string_view field, std::string_view name);

// The same, 0 to 128 characters: it goes to the logs.
Result<> check_session_id(std::string_view session_id);

}  // namespace berth::rules
