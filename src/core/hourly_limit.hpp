#pragma once

#include <cstdint>
#include <map>

#include "base/clock.hpp"

namespace berth {

// Counts something for each key and hour of the clock, and says when it is enough. A plain value:
// time is handed in. What it remembers is bounded by the keys that come within one hour.
template <class Key>
class HourlyLimit {
 public:
  enum class Verdict { kWithin, kLast, kBeyond };

  explicit HourlyLimit(std::int64_t most) : most_(most) {}

  Verdict count(const Key& key, WallTime now) {
    constexpr std::int64_t kHourMs = 3'600'000;
    const std::int64_t hour = to_unix_ms(now) / kHourMs;
    if (hour != hour_) counts_.clear();
    hour_ = hour;
    const std::int64_t counted = ++counts_[key];
    if (counted == most_) return Verdict::kLast;
    return counted < most_ ? Verdict::kWithin : Verdict::kBeyond;
  }

 private:
  std::int64_t most_;
  std::int64_t hour_ = 0;
  std::map<Key, std::int64_t> counts_;
};

}  // namespace berth
