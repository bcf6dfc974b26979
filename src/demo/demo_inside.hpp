#pragma once

#include "engine/memory/inside.hpp"

namespace berth::demo {

// What goes on in the lab's containers: work that loads the machine, and a log that looks like it.
class DemoInside final : public memory::Inside {
 public:
  explicit DemoInside(std::string gpu) : gpu_(std::move(gpu)) {}

  std::string refusal(const memory::Container& container) const override;
  EngineStats stats(const memory::Container& container, WallTime now) const override;
  std::vector<EngineLogLine> logs(const memory::Container& container, WallTime now,
                                  std::size_t tail) const override;
  EngineChanges changes(const memory::Container& container, WallTime now) const override;
  std::string prompt(const memory::Container& container) const override;
  std::string say(const memory::Container& container, std::string_view line,
                  WallTime now) const override;

 private:
  std::string gpu_;  // the model of the machine's cards
};

}  // namespace berth::demo
