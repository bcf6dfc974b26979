#pragma once

#include <chrono>
#include <cstdint>

namespace berth {

using namespace std::chrono_literals;
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

inline std::int64_t to_unix_ms(WallTime at) { return at.time_since_epoch().count(); }
inline WallTime from_unix_ms(std::int64_t ms) { return WallTime{std::chrono::milliseconds{ms}}; }

// The only source of time for everything that decides. Tests and the simulation put their own in
// its place.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime now() const = 0;                      // for what is stored or shown
  virtual std::chrono::milliseconds steady() const = 0;  // for deadlines and rates: never jumps
};

class SystemClock final : public Clock {
 public:
  WallTime now() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
  }
  std::chrono::milliseconds steady() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace berth
