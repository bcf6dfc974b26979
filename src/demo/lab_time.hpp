#pragma once

#include "async/timers.hpp"
#include "base/clock.hpp"

namespace berth::demo {

// The lab's clock. While its week is played it stands where it is put, and sleeping takes no time;
// from `let_go` on it runs as the machine's own.
class LabTime final : public Clock, public Timers {
 public:
  explicit LabTime(WallTime now) : standing_at_(now) {}

  WallTime now() const override;
  std::chrono::milliseconds steady() const override;
  Task<> sleep(std::chrono::milliseconds duration) override;

  void stand_at(WallTime at);  // never earlier than before
  void let_go();
  bool runs() const { return runs_; }

 private:
  SystemClock clock_;
  SystemTimers timers_;
  WallTime standing_at_;
  std::chrono::milliseconds let_go_at_{0};  // of the machine's steady clock
  bool runs_ = false;
};

}  // namespace berth::demo
