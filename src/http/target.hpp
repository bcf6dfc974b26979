#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace berth::http {

struct Target {
  std::string path;   // decoded once, valid UTF-8, no empty or dot segment but a last empty one
  std::string query;  // as sent, without '?'
};

// Origin-form only: "/path?query". Nothing where two readers could see two paths: absolute-form,
// "*", "//", dot segments, an encoded slash, a backslash, control characters, a wrong escape or
// bytes that are no UTF-8.
std::optional<Target> parse_target(std::string_view raw);

// Percent-decoding, exactly once; nothing when an escape is wrong. '+' stays '+'.
std::optional<std::string> decode_percent(std::string_view text);

}  // namespace berth::http
