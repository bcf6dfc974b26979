#include "simulate.hpp"

#include <algorithm>

#include "accidents.hpp"
#include "people.hpp"

namespace berth::sim {
namespace {

constexpr int kSeason = 500;  // steps

void step(World& world, Accidents& accidents) {
  auto is_over = std::make_shared<bool>(false);
  auto act = [&world, &accidents, is_over] {
    *is_over = true;
    if (world.booted) world.people->do_something();
    accidents.perhaps();
  };
  world.time.after(accidents.draw_pause(), std::move(act));
  world.run_until([is_over] { return *is_over; }, std::chrono::hours(1));
}

}  // namespace

Outcome simulate(std::uint64_t seed, int steps, bool prints) {
  World world({.seed = seed, .prints = prints, .devices = 2 + static_cast<int>(seed % 3)});
  Accidents accidents(world);
  world.boot();
  for (int done = 0; done < steps && !world.truths.violation();) {
    const int until = std::min(done + kSeason, steps);
    for (; done < until && !world.truths.violation(); ++done) step(world, accidents);
    world.calm_down();
    world.settle_and_check(world.random.chance(0.5));
    accidents.new_season();
  }
  Outcome outcome{world.truths.violation(), world.trace.hash(), world.time.steady().count(),
                  accidents.deaths()};
  return outcome;
}

}  // namespace berth::sim
