#include "world.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "people.hpp"
#include "weak_secrets.hpp"

namespace berth::sim {
namespace {

// All replies are there by then: the longest deadline is a commit's.
constexpr auto kLongestReply = std::chrono::minutes(20);
// What an end leaves behind is gone by then (I3, I8).
constexpr auto kRest = std::chrono::seconds(60);
// After a start with every engine up, all that was interrupted is finished or taken back.
constexpr auto kRecovery = std::chrono::seconds(10);

std::string label(const ContainerRow& row) {
  return "cid " + std::to_string(row.cid.value) + " (" + row.name + ")";
}

}  // namespace

World::World(WorldOptions the_options)
    : options(the_options),
      random(options.seed),
      time(random),
      trace(options.prints),
      truths(trace, the_sealer()) {
  trace.watch(time);
  draw_secrets_from(random);
  store = std::make_unique<WatchedStore>(*this);
  for (int i = 0; i < options.devices; ++i) add_engine(i);
  people = std::make_unique<People>(*this);
}

World::~World() {
  if (life) kill();
}

void World::add_engine(int number) {
  memory::MachineOptions machine;
  for (int i = 0; i < 2; ++i) {
    machine.gpus.insert("GPU-" + std::to_string(number) + "-" + std::to_string(i));
  }
  machine.seed = random.next();
  engines.push_back(std::make_shared<SimEngine>(*this, number, std::move(machine)));
  engines.back()->machine.add_image(kWorkspaceImage);
  engines.back()->machine.add_image(kMatlabImage);
}

SimEngine* World::engine(DeviceId did) {
  for (auto& each : engines) {
    if (each->did == did) return each.get();
  }
  return nullptr;
}

// As serve() does: the devices first, then everything on top of them.
void World::boot() {
  trace.say("boot");
  booted = false;
  ++lives_;
  if (auto opened = store->open(); !opened) {
    trace.say("no start", to_string(opened.error().code));
    return start_again();
  }
  auto prepared = [this](std::exception_ptr error, Result<std::vector<DeviceId>> dids) {
    if (error) return truths.violate("an exception left the start");
    if (!dids && store->rates.full + store->rates.failed > 0) return end_by_itself();
    if (!dids) return truths.violate("the start failed: " + dids.error().message);
    life->start(*this, *dids);
    booted = true;
    trace.say("up");
  };
  life = std::make_unique<Life>(*this, the_sealer(), DeviceId{1});
  boost::asio::co_spawn(time.executor(), Life::prepare(*this), std::move(prepared));
}

void World::kill() {
  trace.say("kill -9");
  booted = false;
  for (auto& each : engines) each->forget_followers();
  people->forget_requests();
  time.end_berth([this] {
    life.reset();
    store->close();
  });
  if (random.chance(0.5)) store->cut_power();
}

void World::end_by_itself() {
  auto end = [this, life = lives_] {
    if (life != lives_ || !is_up()) return;
    kill();
    start_again();
  };
  time.after(random.up_to(std::chrono::milliseconds(200)), end);
}

void World::start_again() {
  auto again = [this] {
    if (!is_up()) boot();
  };
  time.after(random.up_to(std::chrono::milliseconds(3000)), again);
}

Task<> World::boundary(const char* name, Boundary side) {
  if (die_at_ >= 0 && passed_++ == die_at_) {
    died_at_ = std::string(name) + (side == Boundary::kBefore ? " before" : " after");
    trace.say("dies", died_at_);
    co_await time.await(time.ticket());
  }
  if (options.yields && side == Boundary::kBefore)
    co_await time.sleep(std::chrono::milliseconds(0));
}

void World::happened(DeviceId did, const EngineEvent& event) {
  trace.say("machine", did.value, event.action, event.attributes.at("name"));
  const bool by_a_commit = event.action == "pause" || event.action == "unpause";
  if (!by_a_commit) return;
  if (auto owner = truths.naming().owner(event.attributes)) people->disturb(owner->cid);
}

bool World::run_until(const std::function<bool()>& is_done, std::chrono::milliseconds patience) {
  const auto until = time.steady() + patience;
  while (!truths.violation() && !is_done()) {
    if (time.steady() > until || !time.run_one()) return false;
  }
  return !truths.violation();
}

void World::run_for(std::chrono::milliseconds duration) {
  auto over = std::make_shared<bool>(false);
  time.after(duration, [over] { *over = true; });
  run_until([over] { return *over; }, duration + std::chrono::milliseconds(1));
}

void World::calm_down() {
  trace.say("quiet");
  store->rates = {};
  if (store->has_failed() && is_up()) kill();
  const auto is_in = [this] {
    return std::ranges::none_of(engines, [](const auto& each) { return each->is_swapping(); });
  };
  for (auto& each : engines) each->rates = {};
  run_until(is_in, kLongestReply);
  for (auto& each : engines) {
    if (each->is_another()) each->replace();
  }
  run_until(is_in, kLongestReply);
  for (auto& each : engines) {
    each->come_up();
    for (int port = 6000; port <= 6060; ++port) each->machine.free_port(port);
    const auto containers = each->machine.containers();
    for (const auto& container : containers) {
      if (container.state == EngineState::kRemoving) each->machine.finish_removal(container.id);
    }
  }
}

void World::settle_and_check(bool is_new_life) {
  if (truths.violation()) return;
  const auto is_idle = [this] {
    return std::ranges::all_of(engines, [](const auto& each) { return each->is_idle(); });
  };
  if (is_new_life) {
    if (is_up()) kill();
    run_until(is_idle, kLongestReply);
    if (is_up()) kill();  // somebody started it meanwhile
  }
  if (!is_up()) boot();
  const auto is_answered = [this, is_idle] {
    return booted && is_idle() && people->waiting() == 0;
  };
  if (!run_until(is_answered, kLongestReply)) {
    if (!truths.violation()) truths.violate("still no answer: " + people->who_waits());
    return;
  }
  if (is_new_life) check_intents();
  run_for(kRest);
  if (truths.violation()) return;
  store->audit();
  for (auto& each : engines) check_rest(*each);
  people->check_promises();
}

// Recovery does not wait for the next periodic round.
void World::check_intents() {
  run_for(kRecovery);
  for (const auto& [cid, row] : truths.rows()) {
    if (row.wanted == Wanted::kGone || row.start_pending || row.rebuild ||
        row.state == State::kCreating) {
      truths.violate(label(row) + ": not settled " + std::to_string(kRecovery.count()) +
                     " s after a start");
    }
  }
}

// At rest every container is a row's, every row is as it says, and nothing is left over.
void World::check_rest(const SimEngine& engine) {
  std::size_t expected = 0;
  for (const auto& [cid, row] : truths.rows()) {
    if (row.did != engine.did) continue;
    check_row(engine, row);
    if (engine.machine.find(truths.naming().container(row, row.generation)) != nullptr) ++expected;
  }
  std::size_t ours = 0;
  for (const auto& container : engine.machine.containers()) {
    if (truths.naming().owner(container.labels)) ++ours;
  }
  if (ours != expected) {
    truths.violate(std::to_string(ours) + " containers for " + std::to_string(expected) + " rows");
  }
  check_images(engine);
}

void World::check_row(const SimEngine& engine, const ContainerRow& row) {
  const auto* there = engine.machine.find(truths.naming().container(row, row.generation));
  const bool runs = there != nullptr && there->state == EngineState::kRunning;
  const bool is_paused = there != nullptr && there->state == EngineState::kPaused;
  if (row.wanted == Wanted::kGone) truths.violate(label(row) + ": still waits to be gone");
  if (row.start_pending || row.rebuild) truths.violate(label(row) + ": still waits to be started");
  if (row.state == State::kCreating) truths.violate(label(row) + ": still being made");
  if (runs != (row.state == State::kRunning) || is_paused != (row.state == State::kPaused)) {
    truths.violate(label(row) + ": its state is not the engine's");
  }
  if (row.kind == ContainerKind::kWorkspace && row.holds != (runs || is_paused)) {
    truths.violate(label(row) +
                   (row.holds ? ": holds, and is at rest" : ": runs, and holds nothing"));
  }
  if (there == nullptr) {
    if (people->newest_file(row.cid) > 0)
      truths.violate(label(row) + ": it is gone with its files");
    return;
  }
  std::vector<std::string> uuids;
  for (GpuId gid : row.gpus) uuids.push_back(truths.gpus().at(gid).uuid);
  if (there->spec.gpu_uuids != uuids)
    truths.violate(label(row) + ": made with other GPUs than it has");
  if (people->newest_file(row.cid) > engine.file(there->id)) {
    truths.violate(label(row) + ": its newest files are lost");
  }
}

void World::check_images(const SimEngine& engine) {
  const auto has = [&](const std::string& tag) {
    return engine.machine.inspect_image(tag).has_value();
  };
  std::set<std::string> expected{kWorkspaceImage, kMatlabImage};
  for (const auto& [iid, image] : truths.images()) {
    if (image.did != engine.did) continue;
    if (image.state != ImageState::kReady) {
      truths.violate("iid " + std::to_string(iid.value) + ": still being saved or removed");
    }
    if (!has(image.reference))
      truths.violate("iid " + std::to_string(iid.value) + ": is not there");
    expected.insert(image.reference);
  }
  for (const auto& [cid, row] : truths.rows()) {
    expected.insert(truths.naming().rebuild_image(cid, row.generation));
  }
  for (const auto& image : engine.machine.images()) {
    for (const std::string& tag : image.tags) {
      if (!expected.contains(tag)) truths.violate("image " + tag + " is left over");
    }
  }
}

}  // namespace berth::sim
