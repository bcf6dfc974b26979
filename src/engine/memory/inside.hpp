#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "engine/engine.hpp"

namespace berth::memory {

// From one start to its end.
struct Run {
  WallTime began{};
  std::optional<WallTime> ended;

  std::chrono::milliseconds length(WallTime now) const { return ended.value_or(now) - began; }
};

class MemoryTerminal;

struct Container {
  std::string id;
  ContainerSpec spec;
  std::string image_id;
  std::map<std::string, std::string> labels;  // the image's and its own
  EngineState state = EngineState::kCreated;
  int exit_code = 0;
  bool oom_killed = false;
  std::int64_t pid = 0;
  std::vector<std::pair<std::string, std::string>> archives;  // path, tar
  std::vector<std::weak_ptr<MemoryTerminal>> terminals;       // that were opened in it
  std::vector<Run> runs;  // oldest first; only the last few are remembered
};

inline bool is_live(const Container& container) {
  return container.state == EngineState::kRunning || container.state == EngineState::kPaused;
}

struct Image {
  std::string id;
  std::string parent;
  std::set<std::string> tags;
  std::map<std::string, std::string> labels;
  std::int64_t size_bytes = 0;
};

// What goes on inside the containers, as far as an engine can tell. This one says hello and sleeps.
// Nothing here changes anything: what is told follows from the container and the time.
class Inside {
 public:
  virtual ~Inside() = default;

  // Why its start fails, in the engine's words; empty when it does not.
  virtual std::string refusal(const Container&) const { return {}; }
  virtual EngineStats stats(const Container& container, WallTime now) const;
  virtual std::vector<EngineLogLine> logs(const Container& container, WallTime now,
                                          std::size_t tail) const;
  virtual EngineChanges changes(const Container& container, WallTime now) const;

  // A shell in it: how it asks, and what it prints for one line, which is not empty.
  virtual std::string prompt(const Container& container) const;
  virtual std::string say(const Container& container, std::string_view line, WallTime now) const;
};

}  // namespace berth::memory
