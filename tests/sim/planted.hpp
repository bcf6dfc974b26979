#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace berth::sim {

// The bugs of plant.py; none in a program that was built from src/ as it is.
extern const std::vector<std::string> kPlants;

void plant(std::string name);
bool is_planted(std::string_view name);

}  // namespace berth::sim
