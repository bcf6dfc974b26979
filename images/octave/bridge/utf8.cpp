#include "utf8.hpp"

#include <algorithm>

namespace bridge {
namespace {

unsigned char byte(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool is_continuation(unsigned char b) { return (b & 0xC0) == 0x80; }

// The length that a first byte promises; 0 for a byte that cannot be first.
std::size_t promised_length(unsigned char first) {
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first < 0xE0) return 2;
  if (first >= 0xE0 && first < 0xF0) return 3;
  if (first >= 0xF0 && first < 0xF5) return 4;
  return 0;
}

// Overlong forms, surrogates and what lies beyond U+10FFFF hide in the second byte.
bool is_second_byte_allowed(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xE0:
      return second >= 0xA0;
    case 0xED:
      return second < 0xA0;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second < 0x90;
    default:
      return true;
  }
}

// The length of the character at the front, 0 if there is none.
std::size_t character_length(std::string_view text) {
  const std::size_t length = promised_length(byte(text, 0));
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!is_continuation(byte(text, i))) return 0;
  }
  if (length > 1 && !is_second_byte_allowed(byte(text, 0), byte(text, 1))) return 0;
  return length;
}

}  // namespace

std::size_t whole_characters(std::string_view text) {
  const std::size_t look_back = std::min<std::size_t>(3, text.size());
  for (std::size_t back = 1; back <= look_back; ++back) {
    const std::size_t at = text.size() - back;
    if (is_continuation(byte(text, at))) continue;
    return promised_length(byte(text, at)) > back ? at : text.size();
  }
  return text.size();
}

std::string to_valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0)
      valid += "\xEF\xBF\xBD";
    else
      valid += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return valid;
}

}  // namespace bridge
