#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "base/clock.hpp"

namespace berth {

struct UsageSample {
  WallTime at{};
  // The means since the sample before, of what was known. 100 = one core, or all of a GPU.
  std::optional<double> busy_percent;
  std::optional<std::int64_t> memory_bytes;

  bool operator==(const UsageSample&) const = default;
};

// What one container, or one GPU in its hands, did in the last hour: figures of every few seconds,
// kept as the means of ten. A plain value: time is handed in. Times at which nothing was measured
// leave gaps.
class UsageSeries {
 public:
  static constexpr std::chrono::seconds kInterval{10};
  static constexpr std::size_t kMost = 360;

  void add(WallTime at, std::optional<double> busy_percent,
           std::optional<std::int64_t> memory_bytes);
  std::vector<UsageSample> since(WallTime after) const;
  // Nothing of it is of the last hour.
  bool is_stale(WallTime now) const;

 private:
  // Of those that were known.
  struct Mean {
    void add(double value);
    std::optional<double> take();
    double sum = 0;
    int count = 0;
  };

  void close_slot();

  std::deque<UsageSample> samples_;  // ascending
  std::int64_t slot_ = -1;           // that is being filled, in intervals since 1970
  Mean busy_;
  Mean memory_;
};

}  // namespace berth
