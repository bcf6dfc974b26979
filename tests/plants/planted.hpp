#pragma once

#include <string>
#include <string_view>
#include <vector>

// Bugs planted in copies of src/ by plant.py, of which a run has one at most. src/ itself knows
// nothing of this.
namespace berth::plants {

// None in a program that was built from src/ as it is.
extern const std::vector<std::string> kNames;

void choose(std::string name);
bool is_planted(std::string_view name);

}  // namespace berth::plants
