#include "core/ports.hpp"

#include <cassert>
#include <limits>
#include <string>
#include <utility>

namespace berth::ports {
namespace {

// In [0, bound), without the slight favour that a plain modulo has for small numbers.
std::size_t draw_below(std::size_t bound, const std::function<std::uint64_t()>& random) {
  assert(bound > 0);
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t uneven =
      (kMost % bound + 1) % bound;  // so many numbers at the top are drawn again
  std::uint64_t number = random();
  while (number > kMost - uneven) number = random();
  return number % bound;
}

}  // namespace

Result<std::vector<int>> pick(int first, int last, const std::set<int>& taken, std::size_t count,
                              const std::function<std::uint64_t()>& random) {
  assert(first > 0 && last <= 65535);
  std::vector<int> free;
  for (int port = first; port <= last; ++port) {
    if (!taken.contains(port)) free.push_back(port);
  }
  if (free.size() < count) {
    return fail(ErrorCode::kExhausted, "no free ports left between " + std::to_string(first) +
                                           " and " + std::to_string(last));
  }
  for (std::size_t i = 0; i < count; ++i)
    std::swap(free[i], free[i + draw_below(free.size() - i, random)]);
  free.resize(count);
  return free;
}

}  // namespace berth::ports
