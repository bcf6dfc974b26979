#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/engine.hpp"
#include "host/counter_file.hpp"

namespace berth {

// Reads a container's counters from the files of its control group: a hundred in under a
// millisecond, where the engine's own figures take two seconds. Knows the older
// layout (v1, a tree a controller) and the newer (v2).
class CgroupSampler {
 public:
  // `root` is where /proc and /sys are looked for: / but in tests.
  explicit CgroupSampler(std::filesystem::path root = "/");

  // Of the container whose first process is `pid` on this machine. Nothing when it is gone, or when
  // that process is in no container at all: then the number came from another machine, or is used
  // anew.
  std::optional<EngineStats> read(std::int64_t pid);

 private:
  // Where one tree is mounted, and which part of it that shows.
  struct Mount {
    std::string point;
    std::string shown = "/";
  };

  std::filesystem::path folder(const Mount& mount, std::string_view cgroup) const;
  // The files of one container's group, held for as long as it is read.
  struct Group {
    bool is_v1 = false;
    CounterFile cpu;
    CounterFile memory;
    std::optional<CounterFile> memory_stat;
    std::int64_t memory_limit = 0;  // as it was when they were opened
    std::chrono::steady_clock::time_point read_at{};
  };
  std::optional<Group> open(std::int64_t pid) const;
  std::optional<Group> open_v1(std::string_view cpu, std::string_view memory) const;
  std::optional<Group> open_v2(std::string_view cgroup) const;
  static std::optional<EngineStats> read(const Group& group);
  static std::optional<std::int64_t> read_cpu_ns(const Group& group);
  std::int64_t clamp_limit(std::optional<std::int64_t> limit) const;

  std::filesystem::path root_;
  std::optional<Mount> cpuacct_;
  std::optional<Mount> memory_;
  std::optional<Mount> unified_;
  std::int64_t total_memory_bytes_ = 0;
  std::map<std::int64_t, Group> held_;  // by pid
};

}  // namespace berth
