#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "base/result.hpp"

namespace berth::ports {

// `count` different host ports of [first, last] that are not in `taken`, every choice equally
// likely: two containers made together seldom meet, and a port that was just given back seldom goes
// to the next person. kExhausted when there are not as many left.
Result<std::vector<int>> pick(int first, int last, const std::set<int>& taken, std::size_t count,
                              const std::function<std::uint64_t()>& random);

}  // namespace berth::ports
