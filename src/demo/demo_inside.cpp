#include "demo/demo_inside.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "demo/run_log.hpp"
#include "demo/shell.hpp"
#include "demo/workload.hpp"

namespace berth::demo {
namespace {

constexpr std::int64_t kMebibyte = 1024 * 1024;
constexpr int kEpochsPerCheckpoint = 5;
constexpr std::int64_t kCheckpoints = 12;  // older ones are deleted by who trains

}  // namespace

std::string DemoInside::refusal(const memory::Container& container) const {
  const auto needs = container.labels.find(kNeedsDriverLabel);
  if (needs == container.labels.end() || container.spec.gpu_uuids.empty()) return {};
  return "nvidia-container-cli: requirement error: unsatisfied condition: " + needs->second +
         ", please update your driver to a newer version, or use an earlier cuda container";
}

EngineStats DemoInside::stats(const memory::Container& container, WallTime now) const {
  const Workload work(container);
  const auto uptime = container.runs.back().length(now);
  return {.cpu_ns = work.cpu_ns(uptime),
          .memory_bytes = work.memory_bytes(uptime),
          .memory_limit_bytes = container.spec.memory_mb * kMebibyte};
}

std::vector<EngineLogLine> DemoInside::logs(const memory::Container& container, WallTime now,
                                            std::size_t tail) const {
  std::vector<EngineLogLine> lines;
  for (auto run = container.runs.rbegin(); run != container.runs.rend(); ++run) {
    auto earlier = run_log(container, *run, now, tail - lines.size());
    lines.insert(lines.begin(), earlier.begin(), earlier.end());
    if (lines.size() >= tail) break;
  }
  return lines;
}

EngineChanges DemoInside::changes(const memory::Container& container, WallTime now) const {
  const Workload work(container);
  const auto length =
      container.runs.empty() ? std::chrono::milliseconds(0) : container.runs.back().length(now);
  EngineChanges changes{
      .files = {{"/root/.bash_history", FileChange::kAdded},
                {"/etc/motd", FileChange::kChanged},
                {"/tmp/pip-build", FileChange::kDeleted}},
      .size_bytes = static_cast<std::int64_t>(180 + work.dice() % 900) * kMebibyte};
  if (work.kind() == Kind::kTraining) {
    const std::int64_t made = length / (work.epoch() * kEpochsPerCheckpoint);
    for (std::int64_t i = std::max<std::int64_t>(1, made - kCheckpoints + 1); i <= made; ++i) {
      changes.files.emplace_back(
          fmt::format("/root/runs/exp1/epoch-{:04}.pt", i * kEpochsPerCheckpoint),
          FileChange::kAdded);
    }
    *changes.size_bytes += std::min(made, kCheckpoints) * 340 * kMebibyte;
  }
  std::ranges::sort(changes.files);
  return changes;
}

std::string DemoInside::prompt(const memory::Container& container) const {
  return shell_prompt(container);
}

std::string DemoInside::say(const memory::Container& container, std::string_view line,
                            WallTime now) const {
  return shell_answer(container, gpu_, line, now);
}

}  // namespace berth::demo
