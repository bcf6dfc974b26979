#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "host/host.hpp"

namespace berth {

// What this machine's cards do, by nvidia-smi. Blocks the thread, for seconds where the driver is
// not kept loaded. kNotFound: there is no nvidia-smi.
Result<std::vector<GpuLoad>> read_gpu_loads();

// What nvidia-smi prints for --query-gpu=uuid,utilization.gpu,memory.used,memory.total
// --format=csv,noheader,nounits. Boards and drivers leave out what they cannot tell: "[N/A]".
Result<std::vector<GpuLoad>> parse_gpu_loads(std::string_view csv);

}  // namespace berth
