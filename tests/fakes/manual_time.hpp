#pragma once

#include <chrono>

#include "async/timers.hpp"
#include "base/clock.hpp"

namespace berth::testing {

// A clock that stands still until somebody moves it.
class ManualClock final : public Clock {
 public:
  WallTime now() const override { return from_unix_ms(1'700'000'000'000) + elapsed_; }
  std::chrono::milliseconds steady() const override { return elapsed_; }
  void advance(std::chrono::milliseconds by) { elapsed_ += by; }

 private:
  std::chrono::milliseconds elapsed_{0};
};

// Sleeping takes no time: it moves the clock, and lets the others go first.
class ManualTimers final : public Timers {
 public:
  explicit ManualTimers(ManualClock& clock) : clock_(clock) {}
  Task<> sleep(std::chrono::milliseconds duration) override;

 private:
  ManualClock& clock_;
};

}  // namespace berth::testing
