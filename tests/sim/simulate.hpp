#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace berth::sim {

struct Outcome {
  std::optional<std::string> violation;
  std::uint64_t hash = 0;
  std::int64_t virtual_ms = 0;
  int deaths = 0;
};

// One seed: seasons of requests and accidents, each followed by quiet, in which everything must
// come to rest.
Outcome simulate(std::uint64_t seed, int steps, bool prints);

}  // namespace berth::sim
