#include "base/time_text.hpp"

#include <charconv>
#include <cstdio>
#include <ctime>

namespace berth {
namespace {

// `count` digits at `at`, or nothing.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  const char* end = text.data() + at + count;
  auto [stop, error] = std::from_chars(text.data() + at, end, value);
  if (error != std::errc() || stop != end || value < 0) return std::nullopt;
  return value;
}

struct Fraction {
  int milliseconds = 0;
  std::size_t end = 0;  // where the zone begins
};

Fraction parse_fraction(std::string_view text, std::size_t at) {
  Fraction fraction{0, at};
  if (at >= text.size() || text[at] != '.') return fraction;
  int scale = 100;
  for (fraction.end = at + 1; fraction.end < text.size(); ++fraction.end) {
    const char c = text[fraction.end];
    if (c < '0' || c > '9') break;
    fraction.milliseconds += (c - '0') * scale;
    scale /= 10;
  }
  return fraction;
}

std::optional<std::chrono::minutes> parse_zone(std::string_view text, std::size_t at) {
  if (text.substr(at) == "Z") return std::chrono::minutes(0);
  if (text.size() != at + 6 || (text[at] != '+' && text[at] != '-') || text[at + 3] != ':')
    return std::nullopt;
  auto hours = digits(text, at + 1, 2);
  auto minutes = digits(text, at + 4, 2);
  if (!hours || !minutes) return std::nullopt;
  const auto offset = std::chrono::minutes(*hours * 60 + *minutes);
  return text[at] == '-' ? -offset : offset;
}

std::tm to_tm(WallTime at, bool local) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  std::tm parts{};
  if (local) {
    localtime_r(&seconds, &parts);
  } else {
    gmtime_r(&seconds, &parts);
  }
  return parts;
}

std::string format(const char* pattern, const std::tm& parts) {
  char buffer[64];
  return {buffer, std::strftime(buffer, sizeof buffer, pattern, &parts)};
}

}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  auto y = digits(text, 0, 4), mo = digits(text, 5, 2), d = digits(text, 8, 2);
  auto h = digits(text, 11, 2), mi = digits(text, 14, 2), s = digits(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const year_month_day date{year{*y}, month{static_cast<unsigned>(*mo)},
                            day{static_cast<unsigned>(*d)}};
  if (!date.ok() || *h > 23 || *mi > 59 || *s > 60 || *y < 1970) return std::nullopt;
  const Fraction fraction = parse_fraction(text, 19);
  auto zone = parse_zone(text, fraction.end);
  if (!zone) return std::nullopt;
  return WallTime(sys_days{date}.time_since_epoch() + hours{*h} + minutes{*mi} + seconds{*s} +
                  milliseconds{fraction.milliseconds} - *zone);
}

std::string format_rfc3339(WallTime at) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(at);
  char tail[8];
  std::snprintf(tail, sizeof tail, ".%03dZ", static_cast<int>((at - whole).count()));
  return format("%Y-%m-%dT%H:%M:%S", to_tm(at, false)) + tail;
}

std::string format_local_time(WallTime at) { return format("%Y-%m-%d %H:%M:%S", to_tm(at, true)); }

}  // namespace berth
