#pragma once

#include <string>
#include <vector>

#include "async/timers.hpp"
#include "engine/engine.hpp"
#include "store/store.hpp"

namespace berth::cli {

// The GPUs of a machine that only its engine can be asked about: a container of `image` with all of
// them, called `name`, prints what nvidia-smi says there, and goes. None where the engine has no
// NVIDIA runtime.
Task<Result<std::vector<GpuRow>>> find_engine_gpus(Engine& engine, Timers& timers,
                                                   std::string image, std::string name);

}  // namespace berth::cli
