#pragma once

#include <random>

#include "demo/lab_time.hpp"
#include "engine/memory/memory_engine.hpp"

namespace berth::demo {

// An engine that takes about as long as a real one, once the lab's clock runs.
class DemoEngine final : public memory::MemoryEngine {
 public:
  DemoEngine(LabTime& time, memory::MachineOptions options);

 protected:
  Task<Result<>> conduct(Call call, std::function<Result<>()> work) override;

 private:
  std::chrono::milliseconds draw_length(const Call& call);

  LabTime& time_;
  std::mt19937_64 random_;
};

}  // namespace berth::demo
