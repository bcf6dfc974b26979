#include "accidents.hpp"

#include "people.hpp"

namespace berth::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

}  // namespace

// As TigerBeetle draws them; one season in five is without any.
void Accidents::new_season() {
  Random& random = world_.random;
  const bool is_fair = random.chance(0.2);
  const auto rate = [&](double most) {
    return is_fair || random.chance(0.3) ? 0.0 : random.unit() * most;
  };
  death_ = rate(0.03);
  by_hand_ = rate(0.06);
  machine_ = rate(0.02);
  replaced_ = rate(0.004);
  shrink();
  world_.store->rates = {.full = rate(0.05) * random.unit(), .failed = rate(0.002)};
  pause_ = milliseconds(random.pick(std::vector<int>{20, 100, 300, 1000, 3000}));
  for (auto& engine : world_.engines) {
    engine->rates = {.reply_lost = rate(0.3) * random.unit(),
                     .refused = rate(0.1),
                     .never = rate(0.02),
                     .late = rate(0.03),
                     .unavailable = rate(0.1),
                     .listing = rate(0.5),
                     .event_lost = rate(0.5),
                     .event_twice = rate(0.5),
                     .slowest = milliseconds(random.pick(std::vector<int>{0, 50, 1000, 10000}))};
  }
}

void Accidents::perhaps() {
  Random& random = world_.random;
  if (random.chance(0.3)) at_a_container();
  if (random.chance(machine_)) at_a_machine();
  if (random.chance(replaced_)) replace_an_engine();
  if (random.chance(death_)) end_of_berth();
}

void Accidents::at_a_container() {
  Random& random = world_.random;
  SimEngine& engine = *random.pick(world_.engines);
  const auto& all = engine.machine.containers();
  if (all.empty() || engine.is_another()) return;
  const memory::Container container = random.pick(all);
  const auto owner = world_.truths.naming().owner(container.labels);
  if (!owner) return;
  if (container.state == EngineState::kRunning) world_.people->write_file(owner->cid, container.id);
  if (random.chance(by_hand_)) {
    world_.people->disturb(owner->cid);
    hit(engine, container);
  }
}

void Accidents::hit(SimEngine& engine, const memory::Container& container) {
  Random& random = world_.random;
  const bool runs = container.state == EngineState::kRunning;
  const auto owner = world_.truths.naming().owner(container.labels);
  const int dice = random.between(0, 9);
  world_.trace.say("by hand", dice, container.spec.name);
  if (dice < 3 && runs) return engine.machine.exit(container.id, 137, dice == 0);
  if (dice < 6 && runs) return engine.machine.pause(container.id);
  if (dice < 6 && container.state == EngineState::kPaused) {
    (void)engine.machine.unpause(container.id);
    return;
  }
  if (dice < 8) return;
  world_.people->lose_files(owner->cid);
  if (dice == 8 || container.state == EngineState::kRemoving) {
    if (container.state != EngineState::kRemoving) (void)engine.machine.remove(container.id);
    return;
  }
  engine.machine.begin_removal(container.id);
  auto finish = [&engine, id = container.id] {
    const auto* there = engine.machine.find(id);
    if (there != nullptr && there->state == EngineState::kRemoving)
      engine.machine.finish_removal(id);
  };
  world_.time.after(random.up_to(seconds(15)), finish);
}

void Accidents::at_a_machine() {
  Random& random = world_.random;
  SimEngine& engine = *random.pick(world_.engines);
  const int dice = random.between(0, 9);
  world_.trace.say("at a machine", engine.did.value, dice);
  if (dice < 4) return engine.drop_followers();
  if (dice < 6) {
    const int port = random.between(6000, 6060);
    engine.machine.take_port(port);
    world_.time.after(random.up_to(seconds(60)),
                      [&engine, port] { engine.machine.free_port(port); });
    return;
  }
  engine.go_down();
  if (dice == 9) {  // without live-restore
    for (const auto& container : engine.machine.containers()) {
      if (auto owner = world_.truths.naming().owner(container.labels))
        world_.people->disturb(owner->cid);
    }
    engine.machine.exit_all();
  }
  world_.time.after(random.up_to(seconds(40)), [&engine] { engine.come_up(); });
}

// Whoever answers first is a device's own.
bool Accidents::is_known(const SimEngine& engine) const {
  const auto device = world_.truths.devices().find(engine.did);
  return device != world_.truths.devices().end() &&
         device->second.engine_id == engine.machine.info().engine_id;
}

// A disk comes out, and the engine starts with an empty one; later the old one is back.
void Accidents::replace_an_engine() {
  SimEngine& engine = *world_.random.pick(world_.engines);
  if (engine.is_another() || !is_known(engine)) return;
  world_.trace.say("an engine is replaced", engine.did.value);
  for (const auto& [cid, row] : world_.truths.rows()) {
    if (row.did == engine.did) world_.people->disturb(cid);
  }
  engine.replace();
  auto back = [&engine] {
    if (engine.is_another()) engine.replace();
  };
  world_.time.after(seconds(15) + world_.random.up_to(seconds(60)), back);
}

// From the next start on, with fewer cores, less memory and a GPU less, or with all again.
void Accidents::shrink() {
  for (auto& engine : world_.engines) engine->is_small = world_.random.chance(0.25);
}

// The world calls this from within an event of its own, so between two handlers of Berth.
void Accidents::end_of_berth() {
  if (!world_.is_up()) return;
  ++deaths_;
  world_.kill();
  world_.start_again();
}

}  // namespace berth::sim
