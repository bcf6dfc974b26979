#include "planted.hpp"

namespace berth::sim {

const std::vector<std::string> kPlants;

}  // namespace berth::sim
