#include "host/cpu_memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "host/small_file.hpp"

namespace berth {
namespace {

// Beyond these there is no machine, and sums would overflow.
constexpr std::int64_t kMostKib = INT64_MAX / 1024;
constexpr std::int64_t kMostTicks = INT64_MAX / 8;

// The value of the first line `name : value` or `name: value`.
std::string_view find_value(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t colon = line.find(':');
    if (colon != line.npos && trim(line.substr(0, colon)) == name)
      return trim(line.substr(colon + 1));
  }
  return {};
}

// Of a line such as `MemTotal:  32768 kB`; 0 when there is none.
std::int64_t parse_kib(std::string_view meminfo, std::string_view name) {
  const std::string_view value = find_value(meminfo, name);
  std::int64_t kib = 0;
  std::from_chars(value.data(), value.data() + value.size(), kib);
  return kib > 0 && kib <= kMostKib ? kib : 0;
}

}  // namespace

std::string parse_cpu_name(std::string_view cpuinfo) {
  for (std::string_view name :
       {"model name", "Model Name", "cpu model", "Hardware", "Model", "cpu"}) {
    const std::string_view value = find_value(cpuinfo, name);
    if (!value.empty()) return std::string(value.substr(0, 128));
  }
  return {};
}

std::int64_t parse_total_memory_mb(std::string_view meminfo) {
  return parse_kib(meminfo, "MemTotal") / 1024;
}

// user nice system idle iowait irq softirq steal; guest times are in the first two already.
std::optional<MachineCounters> parse_machine_counters(std::string_view stat,
                                                      std::string_view meminfo) {
  std::string_view line = take_line(stat);
  if (!line.starts_with("cpu ")) return std::nullopt;
  line.remove_prefix(4);
  MachineCounters counters;
  for (int i = 0; i < 8; ++i) {
    line = trim(line);
    std::int64_t ticks = 0;
    auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), ticks);
    if (error != std::errc() || ticks < 0 || ticks > kMostTicks) return std::nullopt;
    line.remove_prefix(static_cast<std::size_t>(stop - line.data()));
    counters.total_ticks += ticks;
    if (i != 3 && i != 4) counters.busy_ticks += ticks;
  }
  const std::int64_t total = parse_kib(meminfo, "MemTotal");
  const std::int64_t available = parse_kib(meminfo, "MemAvailable");
  if (total <= 0) return std::nullopt;
  counters.memory_total_bytes = total * 1024;
  counters.memory_used_bytes = std::max<std::int64_t>(0, total - available) * 1024;
  return counters;
}

std::optional<MachineCounters> read_machine_counters() {
  return parse_machine_counters(read_small_file("/proc/stat").value_or(""),
                                read_small_file("/proc/meminfo").value_or(""));
}

CpuMemory read_cpu_memory() {
  CpuMemory found;
  found.cores = static_cast<int>(std::max(::sysconf(_SC_NPROCESSORS_ONLN), 1L));
  found.cpu_name = parse_cpu_name(read_small_file("/proc/cpuinfo").value_or(""));
  if (found.cpu_name.empty()) found.cpu_name = "unknown CPU";
  found.memory_mb = parse_total_memory_mb(read_small_file("/proc/meminfo").value_or(""));
  return found;
}

}  // namespace berth
