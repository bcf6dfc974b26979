#pragma once

#include <cstddef>
#include <vector>

#include "demo/workload.hpp"
#include "engine/memory/inside.hpp"

namespace berth::demo {

// The last `tail` lines of what one run of a container has printed by `now`, oldest first. Lines
// are made when they are asked for: nobody keeps a week of them.
std::vector<EngineLogLine> run_log(const memory::Container& container, const memory::Run& run,
                                   WallTime now, std::size_t tail);

}  // namespace berth::demo
