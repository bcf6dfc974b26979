#include "engine/memory/inside.hpp"

#include <algorithm>

#include "base/time_text.hpp"

namespace berth::memory {
namespace {

constexpr std::int64_t kMebibyte = 1024 * 1024;

}  // namespace

EngineStats Inside::stats(const Container& container, WallTime now) const {
  const std::chrono::nanoseconds uptime = container.runs.back().length(now);
  return {.cpu_ns = uptime.count() / 10 + 1,
          .memory_bytes = 4 * kMebibyte,
          .memory_limit_bytes = container.spec.memory_mb * kMebibyte};
}

std::vector<EngineLogLine> Inside::logs(const Container& container, WallTime,
                                        std::size_t tail) const {
  std::vector<EngineLogLine> lines;
  for (const Run& run : container.runs) {
    lines.push_back({format_rfc3339(run.began), false, "hello"});
    lines.push_back({format_rfc3339(run.began), true, "oh"});
  }
  if (lines.size() > tail)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(tail));
  return lines;
}

std::string Inside::prompt(const Container&) const { return "$ "; }

std::string Inside::say(const Container&, std::string_view line, WallTime) const {
  return "sh: " + std::string(line.substr(0, line.find(' '))) + ": not found\r\n";
}

// The one file of each archive that was put in.
EngineChanges Inside::changes(const Container& container, WallTime) const {
  EngineChanges changes{.size_bytes = 0};
  for (const auto& [path, tar] : container.archives) {
    const std::string name = tar.substr(0, tar.find('\0'));
    changes.files.emplace_back(path + (path.ends_with('/') ? "" : "/") + name, FileChange::kAdded);
  }
  std::ranges::sort(changes.files);
  return changes;
}

}  // namespace berth::memory
