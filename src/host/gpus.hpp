#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace berth {

struct HostGpu {
  int index = 0;
  std::string uuid;   // GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
  std::string model;  // as shown: "RTX 4060 Ti 16GB"

  bool operator==(const HostGpu&) const = default;
};

// The cards of this machine, by nvidia-smi. Where there is no nvidia-smi there are none; an error
// when there is one and it fails or says what we don't understand (a driver that is being updated):
// then nothing is known about the cards.
Result<std::vector<HostGpu>> find_gpus();

// What nvidia-smi prints for --query-gpu=index,uuid,name,memory.total
// --format=csv,noheader,nounits.
Result<std::vector<HostGpu>> parse_gpus(std::string_view csv);

// "NVIDIA GeForce RTX 4060 Ti" with 16380 MiB is "RTX 4060 Ti 16GB". 0 MiB: not known.
std::string gpu_label(std::string_view name, std::int64_t memory_mib);

}  // namespace berth
