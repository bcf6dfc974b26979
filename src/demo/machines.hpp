#pragma once

#include <memory>
#include <string>
#include <vector>

#include "demo/demo_engine.hpp"
#include "store/store.hpp"

namespace berth::demo {

// One machine of the lab: its row, its GPUs, and the engine behind it.
struct LabMachine {
  DeviceRow row;  // without its id, until the lab is built
  std::vector<GpuRow> gpus;
  int gpu_memory_gb = 0;  // of each
  std::shared_ptr<DemoEngine> engine;
};

// Four machines with sixteen GPUs, all different. Addresses are those that documentation may use:
// nobody's.
std::vector<LabMachine> make_machines(LabTime& time, std::uint64_t seed);

}  // namespace berth::demo
