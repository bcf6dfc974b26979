#pragma once

#include <string>
#include <string_view>

namespace berth::http {

// The character classes of RFC 9110, 5.6.2 and 5.5.
bool is_token(std::string_view text);        // not empty
bool is_field_value(std::string_view text);  // no control characters but tab; bytes from 0x80 pass

// RFC 6265, 4.1.1, without the optional quotes: an empty value is one.
bool is_cookie_value(std::string_view text);

std::string lower_case(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b);
std::string_view trim_blanks(std::string_view text);  // spaces and tabs

// Is `wanted` (lower case) one of a comma-separated list, e.g. "close" in "Upgrade, Close"?
bool list_contains(std::string_view list, std::string_view wanted);

}  // namespace berth::http
