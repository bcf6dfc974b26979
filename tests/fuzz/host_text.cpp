// What the machine's own files and nvidia-smi say: the first line names a parser. No figure is ever
// negative, and no card is made up.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "core/figures.hpp"
#include "fuzz.hpp"
#include "host/cgroup_sampler.hpp"
#include "host/cpu_memory.hpp"
#include "host/gpu_load.hpp"
#include "host/gpus.hpp"
#include "host/listening_ports.hpp"

namespace berth::fuzz {
namespace {

namespace fs = std::filesystem;

void check_gpus(std::string_view text) {
  const auto gpus = parse_gpus(text);
  if (!gpus) {
    require(gpus.error().code == ErrorCode::kUnavailable, "then nothing is known");
    return;
  }
  std::set<std::string> uuids;
  for (const HostGpu& gpu : *gpus) {
    require(gpu.index >= 0 && !gpu.model.empty(), "a card");
    require(uuids.insert(gpu.uuid).second && text.contains(gpu.uuid), "each once");
  }
}

void check_gpu_loads(std::string_view text) {
  const auto loads = parse_gpu_loads(text);
  if (!loads) {
    require(loads.error().code == ErrorCode::kUnavailable, "then nothing is known");
    return;
  }
  std::set<std::string> uuids;
  for (const GpuLoad& load : *loads) {
    require(uuids.insert(load.uuid).second && text.contains(load.uuid), "each once");
    const double busy = load.busy_percent.value_or(0);
    require(busy >= 0 && busy <= 100, "of the time");
    require(load.memory_bytes.value_or(0) >= 0 && load.memory_total_bytes.value_or(0) >= 0,
            "memory");
  }
}

void check_machine(std::string_view text) {
  parse_cpu_name(text);
  require(parse_total_memory_mb(text) >= 0, "memory");
  std::string_view meminfo = text;
  const std::string_view stat = take_line(meminfo);
  const auto counters = parse_machine_counters(stat, meminfo);
  if (!counters) return;
  require(counters->busy_ticks >= 0 && counters->total_ticks >= counters->busy_ticks, "ticks");
  require(counters->memory_used_bytes >= 0 &&
              counters->memory_used_bytes <= counters->memory_total_bytes,
          "used of all");
}

void check_ports(std::string_view text) {
  for (const int port : parse_listening_ports(text)) require(port >= 1 && port <= 65'535, "a port");
}

std::int64_t take_number(std::string_view& text) {
  return std::strtoll(std::string(take_line(text)).c_str(), nullptr, 0);
}

void check_figures(std::string_view text) {
  const std::int64_t a = take_number(text);
  const std::int64_t b = take_number(text);
  const double cpu = figures::cpu_percent(a, b, std::chrono::milliseconds(take_number(text)));
  require(std::isfinite(cpu) && cpu >= 0, "a figure");
  for (const std::string& shown : {figures::percent(cpu), figures::memory_percent(a, b),
                                   figures::memory_usage(a, b), figures::bytes(b)}) {
    require(!shown.empty() && !shown.contains('-') && !shown.contains("inf"), shown);
  }
}

// The rest is files: "path", then a line each until an empty one.
void check_cgroup(std::string_view text) {
  static const fs::path kRoot = [] {
    std::string pattern = (fs::temp_directory_path() / "berth-fuzz-XXXXXX").string();
    require(::mkdtemp(pattern.data()) != nullptr, "a folder");
    static const std::string kMade = pattern;
    std::atexit([] { fs::remove_all(kMade); });
    return fs::path(kMade);
  }();
  for (const auto& entry : fs::directory_iterator(kRoot)) fs::remove_all(entry);
  constexpr std::string_view kFiles[] = {"proc/self/mountinfo",
                                         "proc/meminfo",
                                         "proc/7/cgroup",
                                         "cg/cpu.stat",
                                         "cg/memory.current",
                                         "cg/memory.stat",
                                         "cg/memory.max",
                                         "cg/cpuacct.usage",
                                         "cg/memory.usage_in_bytes",
                                         "cg/memory.limit_in_bytes"};
  // Every group is one folder by way of links, so that paths in the input need not be guessed.
  fs::create_directories(kRoot / "cg");
  for (const std::string_view file : kFiles) {
    const fs::path path = kRoot / file;
    fs::create_directories(path.parent_path());
    std::ofstream out(path);
    while (!text.empty()) {
      const std::string_view line = take_line(text);
      if (line.empty()) break;
      out << line << '\n';
    }
  }
  const std::string id(64, 'a');
  std::error_code ignored;
  for (const char* mount : {"cg/docker"}) fs::create_directories(kRoot / mount, ignored);
  fs::create_directory_symlink("..", kRoot / "cg/docker" / id, ignored);
  const auto stats = CgroupSampler(kRoot).read(7);
  if (!stats) return;
  require(stats->cpu_ns >= 0 && stats->memory_bytes >= 0 && stats->memory_limit_bytes >= 0,
          "no counter is negative");
}

void check(std::string_view input) {
  static const std::map<std::string_view, void (*)(std::string_view)> kChecks{
      {"gpus", check_gpus},   {"gpu-loads", check_gpu_loads}, {"machine", check_machine},
      {"ports", check_ports}, {"figures", check_figures},     {"cgroup", check_cgroup}};
  const auto found = kChecks.find(take_line(input));
  if (found != kChecks.end()) found->second(input);
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
