// What people, engines and accidents do to a Berth, one after the other, as the input says: the
// world of the simulation with the same truths, but driven by coverage instead of by chance.
#include <fuzzer/FuzzedDataProvider.h>

#include <iterator>

#include "fuzz.hpp"
#include "people.hpp"
#include "world.hpp"

namespace berth::fuzz {
namespace {

using sim::People;
using sim::SimEngine;
using sim::World;
using std::chrono::milliseconds;

constexpr int kMostActs = 80;

template <class Map>
auto pick_id(FuzzedDataProvider& input, const Map& map) -> typename Map::key_type {
  if (map.empty()) return {};
  return std::next(map.begin(), input.ConsumeIntegralInRange<std::ptrdiff_t>(
                                    0, static_cast<std::ptrdiff_t>(map.size()) - 1))
      ->first;
}

std::vector<GpuId> pick_gpus(FuzzedDataProvider& input, const World& world) {
  std::vector<GpuId> gpus;
  unsigned wanted = input.ConsumeIntegral<std::uint8_t>();
  for (const auto& [gid, gpu] : world.truths.gpus()) {
    if ((wanted & 1) != 0) gpus.push_back(gid);
    wanted >>= 1;
  }
  return gpus;
}

void ask(World& world, FuzzedDataProvider& input) {
  if (!world.booted) return;
  People& people = *world.people;
  const int who = input.ConsumeIntegralInRange(0, 3);
  const People::Person& person = people.person(who);
  if (person.asked >= 2) return;
  if (!person.is_registered) return people.ask_register(who);
  if (person.token.empty()) return people.ask_login(who);
  const ContainerId cid = pick_id(input, world.truths.rows());
  const auto* row = world.truths.row(cid);
  const bool is_workspace = row != nullptr && row->kind == ContainerKind::kWorkspace;
  const int what = input.ConsumeIntegralInRange(0, 9);
  if (what == 0) return people.ask_logout(who);
  if (what == 1) {
    const char* const verbs[] = {"create", "destroy", "restart", "health"};
    return people.ask_matlab(who % 3 + 1, verbs[input.ConsumeIntegralInRange(0, 3)]);
  }
  if (what <= 3 || !is_workspace) {
    const ImageId image = pick_id(input, world.truths.images());
    const int cpu = input.ConsumeIntegralInRange(1, 8);
    if (image) people.ask_create(who, image, cpu, 512 * cpu, pick_gpus(input, world));
    return;
  }
  if (what == 4) return people.ask_start(who, cid, std::nullopt);
  if (what == 5) return people.ask_start(who, cid, pick_gpus(input, world));
  if (what == 6) return people.ask_stop(who, cid);
  if (what == 7) return people.ask_remove(who, cid);
  if (what == 8) return people.ask_save(who, cid);
  if (!person.images.empty()) people.ask_remove_image(who, person.images.front());
}

// By hands other than Berth's.
void hit(World& world, FuzzedDataProvider& input) {
  const ContainerId cid = pick_id(input, world.truths.rows());
  const auto* row = world.truths.row(cid);
  SimEngine* engine = row == nullptr ? nullptr : world.engine(row->did);
  if (engine == nullptr) return;
  const auto* there = engine->machine.find(world.truths.naming().container(*row, row->generation));
  if (there == nullptr || there->state == EngineState::kRemoving) return;
  const bool runs = there->state == EngineState::kRunning;
  const std::string id = there->id;
  world.people->disturb(cid);
  switch (input.ConsumeIntegralInRange(0, 4)) {
    case 0:
      if (runs) engine->machine.exit(id, 137, input.ConsumeBool());
      return;
    case 1:
      if (runs) engine->machine.pause(id);
      return;
    case 2:
      if (there->state == EngineState::kPaused) (void)engine->machine.unpause(id);
      return;
    case 3:
      if (runs) world.people->write_file(cid, id);
      return;
    default:
      world.people->lose_files(cid);
      (void)engine->machine.remove(id);
  }
}

void happen(World& world, FuzzedDataProvider& input) {
  SimEngine& engine =
      *world.engines[input.ConsumeIntegralInRange<std::size_t>(0, world.engines.size() - 1)];
  const int port = 6000 + input.ConsumeIntegralInRange(0, 15);
  switch (input.ConsumeIntegralInRange(0, 7)) {
    case 0:
      return engine.go_down();
    case 1:
      return engine.come_up();
    case 2:
      return engine.drop_followers();
    case 3:
      return engine.machine.take_port(port);
    case 4:
      return engine.machine.free_port(port);
    case 5:
      if (world.is_up()) world.kill();
      return;
    case 6:
      if (!world.is_up()) world.boot();
      return;
    default: {
      const auto rate = [&] { return input.ConsumeIntegralInRange(0, 3) / 3.0; };
      engine.rates = {.reply_lost = rate(),
                      .refused = rate() / 2,
                      .late = rate() / 2,
                      .unavailable = rate() / 2,
                      .listing = rate(),
                      .event_lost = rate(),
                      .event_twice = rate(),
                      .slowest = milliseconds(input.ConsumeIntegralInRange(0, 10) * 500)};
    }
  }
}

void check(FuzzedDataProvider input) {
  World world({.seed = input.ConsumeIntegral<std::uint16_t>(), .devices = 1 + input.ConsumeBool()});
  world.boot();
  for (int acts = 0; acts < kMostActs && input.remaining_bytes() > 0; ++acts) {
    const int what = input.ConsumeIntegralInRange(0, 5);
    if (what <= 3) ask(world, input);
    if (what == 4) hit(world, input);
    if (what == 5) happen(world, input);
    constexpr int kPauses[] = {0, 1, 20, 200, 2000, 15'000};
    world.run_for(milliseconds(kPauses[input.ConsumeIntegralInRange(0, 5)]));
    if (world.truths.violation()) break;
  }
  world.calm_down();
  world.settle_and_check(input.ConsumeBool());
  require(!world.truths.violation(), world.truths.violation().value_or(""));
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(FuzzedDataProvider(data, size));
  return 0;
}
