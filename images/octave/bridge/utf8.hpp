#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bridge {

// How many bytes at the front can be judged now: all but a character that is cut off at the end.
std::size_t whole_characters(std::string_view text);

// A WebSocket text message must be UTF-8, and an interpreter prints whatever bytes it is told to:
// what is no character becomes U+FFFD.
std::string to_valid_utf8(std::string_view text);

}  // namespace bridge
