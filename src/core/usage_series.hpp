#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/clock.hpp"

namespace berth {

struct UsageSample {
  WallTime at{};
  double cpu_percent = 0;  // 100 = one core; the mean since the sample before
  std::int64_t memory_bytes = 0;

  bool operator==(const UsageSample&) const = default;
};

// What one container used in the last hour: figures of every second, kept as the means of ten
// seconds. A plain value: time is handed in. Times at which nothing was measured leave gaps.
class UsageSeries {
 public:
  static constexpr std::chrono::seconds kInterval{10};
  static constexpr std::size_t kMost = 360;

  void add(WallTime at, double cpu_percent, std::int64_t memory_bytes);
  std::vector<UsageSample> since(WallTime after) const;
  // Nothing of it is of the last hour.
  bool is_stale(WallTime now) const;

 private:
  void close_slot();

  std::deque<UsageSample> samples_;  // ascending
  std::int64_t slot_ = -1;           // that is being filled, in intervals since 1970
  double cpu_sum_ = 0;
  double memory_sum_ = 0;
  int count_ = 0;
};

}  // namespace berth
