#pragma once

#include "base/ids.hpp"
#include "core/life_cycle.hpp"

namespace berth {

// Is told of each step of the driver as it begins and as it ends. Must not wait.
class StepWatcher {
 public:
  virtual ~StepWatcher() = default;
  virtual void step_began(ContainerId cid, Step step) = 0;
  virtual void step_ended(ContainerId cid, Step step, bool is_done) = 0;
};

}  // namespace berth
