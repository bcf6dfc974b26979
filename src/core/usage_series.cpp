#include "core/usage_series.hpp"

#include <cassert>
#include <utility>

namespace berth {
namespace {

constexpr std::int64_t kSlotMs = std::chrono::milliseconds(UsageSeries::kInterval).count();
constexpr auto kHour = UsageSeries::kInterval * UsageSeries::kMost;

}  // namespace

void UsageSeries::Mean::add(double value) {
  sum += value;
  ++count;
}

std::optional<double> UsageSeries::Mean::take() {
  const Mean taken = std::exchange(*this, {});
  return taken.count > 0 ? std::optional(taken.sum / taken.count) : std::nullopt;
}

void UsageSeries::add(WallTime at, std::optional<double> busy_percent,
                      std::optional<std::int64_t> memory_bytes) {
  const std::int64_t slot = to_unix_ms(at) / kSlotMs;
  if (slot != slot_) {
    close_slot();
    slot_ = slot;
  }
  if (busy_percent) busy_.add(*busy_percent);
  if (memory_bytes) memory_.add(static_cast<double>(*memory_bytes));
}

// A clock that was set back never makes the series go backwards.
void UsageSeries::close_slot() {
  const auto busy = busy_.take();
  const auto memory = memory_.take();
  if (!busy && !memory) return;
  const WallTime at = from_unix_ms((slot_ + 1) * kSlotMs);
  if (samples_.empty() || samples_.back().at < at) {
    samples_.push_back({.at = at, .busy_percent = busy});
    if (memory) samples_.back().memory_bytes = static_cast<std::int64_t>(*memory);
  }
  if (samples_.size() > kMost) samples_.pop_front();
  assert(samples_.size() <= kMost);
  assert(samples_.back().at >= at);
}

std::vector<UsageSample> UsageSeries::since(WallTime after) const {
  std::vector<UsageSample> found;
  for (const UsageSample& sample : samples_) {
    if (sample.at > after) found.push_back(sample);
  }
  return found;
}

bool UsageSeries::is_stale(WallTime now) const {
  return busy_.count + memory_.count == 0 && (samples_.empty() || samples_.back().at < now - kHour);
}

}  // namespace berth
