#pragma once

#include <chrono>

#include "async/task.hpp"

namespace berth {

// The only way to wait for time in control/: the simulation puts a virtual one in its place.
class Timers {
 public:
  virtual ~Timers() = default;
  virtual Task<> sleep(std::chrono::milliseconds duration) = 0;
};

class SystemTimers final : public Timers {
 public:
  Task<> sleep(std::chrono::milliseconds duration) override;
};

}  // namespace berth
