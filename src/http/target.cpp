#include "http/target.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace berth::http {
namespace {

bool is_visible_ascii(char c) { return c > 0x20 && c < 0x7F; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// An encoded slash would be a slash to one reader and a letter to another.
bool hides_slash(std::string_view raw) {
  return raw.contains("%2f") || raw.contains("%2F") || raw.contains('\\');
}

bool is_plain_segment(std::string_view segment, bool is_last) {
  return segment != "." && segment != ".." && (is_last || !segment.empty());
}

bool has_plain_segments(std::string_view path) {
  path.remove_prefix(1);
  while (true) {
    const std::size_t slash = path.find('/');
    const bool is_last = slash == std::string_view::npos;
    if (!is_plain_segment(path.substr(0, slash), is_last)) return false;
    if (is_last) return true;
    path.remove_prefix(slash + 1);
  }
}

bool is_safe_path(std::string_view path) {
  return std::ranges::none_of(path, is_control) && !path.contains('\\') &&
         count_code_points(path).has_value() && has_plain_segments(path);
}

}  // namespace

std::optional<std::string> decode_percent(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    if (text.size() - i < 3) return {};
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return {};
    decoded += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return decoded;
}

std::optional<Target> parse_target(std::string_view raw) {
  if (!raw.starts_with('/') || !std::ranges::all_of(raw, is_visible_ascii) || raw.contains('#'))
    return {};
  const std::size_t mark = raw.find('?');
  const std::string_view raw_path = raw.substr(0, mark);
  if (hides_slash(raw_path)) return {};
  auto path = decode_percent(raw_path);
  if (!path || !is_safe_path(*path)) return {};
  const std::string_view query = mark == std::string_view::npos ? "" : raw.substr(mark + 1);
  return Target{std::move(*path), std::string(query)};
}

}  // namespace berth::http
