#include "core/figures.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <string_view>

namespace berth::figures {
namespace {

constexpr std::array<std::string_view, 7> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

// As printf's %.4g and %.2f in the C locale, whatever the locale is.
std::string print(double value, std::chars_format format, int precision) {
  std::array<char, 400> text;
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value, format, precision);
  assert(error == std::errc{});  // the longest double has 309 digits
  return {text.data(), end};
}

}  // namespace

double cpu_percent(std::int64_t before_ns, std::int64_t after_ns,
                   std::chrono::milliseconds elapsed) {
  if (elapsed.count() <= 0 || before_ns < 0 || after_ns <= before_ns) return 0;
  const double busy_ns = static_cast<double>(after_ns - before_ns);
  assert(busy_ns > 0);
  return busy_ns / (static_cast<double>(elapsed.count()) * 1e6) * 100;
}

std::string percent(double value) {
  return print(std::isfinite(value) && value > 0 ? value : 0.0, std::chars_format::fixed, 2) + "%";
}

std::string bytes(std::int64_t count) {
  double size = static_cast<double>(std::max<std::int64_t>(count, 0));
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit) size /= 1024;
  assert(unit < kUnits.size() && size >= 0);
  return print(size, std::chars_format::general, 4) + std::string(kUnits[unit]);
}

std::string memory_usage(std::int64_t used_bytes, std::int64_t limit_bytes) {
  return bytes(used_bytes) + " / " + bytes(limit_bytes);
}

std::string memory_percent(std::int64_t used_bytes, std::int64_t limit_bytes) {
  if (limit_bytes <= 0) return percent(0);
  return percent(static_cast<double>(used_bytes) / static_cast<double>(limit_bytes) * 100);
}

}  // namespace berth::figures
