#include "host/cpu_memory.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "host/small_file.hpp"

namespace berth {
namespace {

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
  const std::string_view value = find_value(meminfo, "MemTotal");  // 32768 kB
  std::int64_t kib = 0;
  std::from_chars(value.data(), value.data() + value.size(), kib);
  return std::max<std::int64_t>(kib, 0) / 1024;
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
