#pragma once

#include <string>
#include <string_view>

#include "demo/workload.hpp"

namespace berth::demo {

// What a terminal in a container of the lab shows: a few commands that answer, and a kind word
// about the rest. Nothing is run.
std::string shell_prompt(const memory::Container& container);
// `gpu` is the model of the machine's cards.
std::string shell_answer(const memory::Container& container, const std::string& gpu,
                         std::string_view line, WallTime now);

}  // namespace berth::demo
