// What goes to the log: nothing that could start a line or a terminal's sequence, and the value can
// be had back from it.
#include <algorithm>
#include <charconv>

#include "base/log.hpp"
#include "base/utf8.hpp"
#include "fuzz.hpp"

namespace berth::fuzz {
namespace {

unsigned read_hex(std::string_view digits) {
  unsigned value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  require(read.ec == std::errc() && read.ptr == digits.data() + digits.size(), "hex digits");
  return value;
}

void append_utf8(std::string& out, unsigned point) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x800) {
    out += static_cast<char>(0xC0 | point >> 6);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0 | point >> 12);
    tail(6);
  } else {
    out += static_cast<char>(0xF0 | point >> 18);
    tail(12);
    tail(6);
  }
  tail(0);
}

std::string unescape(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text[0] != '\\') {
      require(text[0] != '"', "no bare quote");
      out += text[0];
      text.remove_prefix(1);
    } else if (text[1] == 'x') {
      out += static_cast<char>(read_hex(text.substr(2, 2)));
      text.remove_prefix(4);
    } else if (text[1] == 'u') {
      const std::size_t end = text.find('}');
      append_utf8(out, read_hex(text.substr(3, end - 3)));
      text.remove_prefix(end + 1);
    } else {
      out += text[1];
      text.remove_prefix(2);
    }
  }
  return out;
}

void check(std::string_view input) {
  const std::string escaped = escape_log_value(input);
  require(count_code_points(escaped).has_value(), "UTF-8");
  require(std::ranges::none_of(escaped, [](unsigned char c) { return c < 0x20 || c == 0x7F; }),
          "no control character");
  require(!escaped.contains("\xC2\x9B") && !escaped.contains("\xE2\x80\xAE"), "nor a wide one");
  require(unescape(escaped) == input, "there and back");

  const std::string repaired = repair_utf8(input);
  require(count_code_points(repaired).has_value(), "repaired");
  require(repair_utf8(repaired) == repaired, "once and for all");
  require(repaired == input || !count_code_points(input), "what is sound stays");
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
