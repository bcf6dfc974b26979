#include "planted.hpp"

#include <utility>

namespace berth::sim {
namespace {

std::string the_plant;

}  // namespace

void plant(std::string name) { the_plant = std::move(name); }
bool is_planted(std::string_view name) { return the_plant == name; }

}  // namespace berth::sim
