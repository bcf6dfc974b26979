#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "host/host.hpp"

namespace berth {

struct CpuMemory {
  int cores = 0;               // online
  std::string cpu_name;        // "Intel(R) Core(TM) i7-14700K"
  std::int64_t memory_mb = 0;  // what the kernel calls MemTotal
};

// Of this machine.
CpuMemory read_cpu_memory();

// From the text of /proc/cpuinfo; empty where it names no model (many ARM boards).
std::string parse_cpu_name(std::string_view cpuinfo);
// From the text of /proc/meminfo, in MiB; 0 when it is not there.
std::int64_t parse_total_memory_mb(std::string_view meminfo);

// What this machine has done so far; nothing where /proc does not say.
std::optional<MachineCounters> read_machine_counters();
// From the texts of /proc/stat and /proc/meminfo.
std::optional<MachineCounters> parse_machine_counters(std::string_view stat,
                                                      std::string_view meminfo);

}  // namespace berth
