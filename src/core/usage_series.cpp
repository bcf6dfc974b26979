#include "core/usage_series.hpp"

namespace berth {
namespace {

constexpr std::int64_t kSlotMs = std::chrono::milliseconds(UsageSeries::kInterval).count();
constexpr auto kHour = UsageSeries::kInterval * UsageSeries::kMost;

}  // namespace

void UsageSeries::add(WallTime at, double cpu_percent, std::int64_t memory_bytes) {
  const std::int64_t slot = to_unix_ms(at) / kSlotMs;
  if (slot != slot_) {
    close_slot();
    slot_ = slot;
  }
  cpu_sum_ += cpu_percent;
  memory_sum_ += static_cast<double>(memory_bytes);
  ++count_;
}

// A clock that was set back never makes the series go backwards.
void UsageSeries::close_slot() {
  if (count_ > 0) {
    const WallTime at = from_unix_ms((slot_ + 1) * kSlotMs);
    if (samples_.empty() || samples_.back().at < at) {
      samples_.push_back({at, cpu_sum_ / count_, static_cast<std::int64_t>(memory_sum_ / count_)});
    }
    if (samples_.size() > kMost) samples_.pop_front();
  }
  cpu_sum_ = memory_sum_ = 0;
  count_ = 0;
}

std::vector<UsageSample> UsageSeries::since(WallTime after) const {
  std::vector<UsageSample> found;
  for (const UsageSample& sample : samples_) {
    if (sample.at > after) found.push_back(sample);
  }
  return found;
}

bool UsageSeries::is_stale(WallTime now) const {
  return count_ == 0 && (samples_.empty() || samples_.back().at < now - kHour);
}

}  // namespace berth
