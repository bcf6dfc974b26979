#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace berth::sim {

// Everything that happens, as one number: two runs of a seed are the same run when their hashes
// are. Printed on demand.
class Trace {
 public:
  explicit Trace(bool prints) : prints_(prints) {}

  void watch(const Clock& clock) { clock_ = &clock; }

  template <class... Parts>
  void say(std::string_view what, const Parts&... parts) {
    add(static_cast<std::uint64_t>(clock_->steady().count()));
    add(what);
    (add(parts), ...);
    if (!prints_) return;
    std::string line =
        fmt::format("{:>9.3f} {}", static_cast<double>(clock_->steady().count()) / 1000, what);
    ((line += fmt::format(" {}", parts)), ...);
    std::puts(line.c_str());
  }

  std::uint64_t hash() const { return hash_; }

 private:
  void add(std::string_view text) {
    for (char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash_ = (hash_ ^ 0xff) * 0x100000001b3;
  }
  void add(const std::string& text) { add(std::string_view(text)); }
  void add(const char* text) { add(std::string_view(text)); }
  template <std::integral Number>
  void add(Number number) {
    hash_ = (hash_ ^ static_cast<std::uint64_t>(number)) * 0x9e3779b97f4a7c15;
    hash_ ^= hash_ >> 29;
  }

  const Clock* clock_ = nullptr;
  bool prints_;
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace berth::sim
