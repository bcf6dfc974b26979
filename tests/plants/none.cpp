#include "planted.hpp"

namespace berth::plants {

const std::vector<std::string> kNames;

}  // namespace berth::plants
