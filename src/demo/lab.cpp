#include "demo/lab.hpp"

#include <algorithm>
#include <random>

#include "base/limits.hpp"
#include "control/audit.hpp"

namespace berth::demo {
namespace {

using namespace std::chrono_literals;

constexpr auto kCurves = 1h;        // of what is remembered of a container's use
constexpr auto kSampleEvery = 10s;  // as it is remembered
constexpr auto kLook = 1'000ms;     // at what wants too much memory
constexpr int kLooksPerDeed = 40;   // one deed of everyday life in so many
constexpr int kLoginDays = 6;

std::unexpected<Error> broken(const Deed& deed, const Error& error) {
  return fail(ErrorCode::kInternal,
              "the demo's week does not hold at " + deed.who + " " + deed.container + deed.image +
                  ": " + error.message,
              error.details);
}

std::optional<ContainerRow> find_container(Transaction& tx, UserId owner, const std::string& name) {
  for (const ContainerRow& row : tx.containers_of(owner, limits::kContainersPerUser)) {
    if (row.name == name) return row;
  }
  return std::nullopt;
}

}  // namespace

Lab::Lab(std::uint64_t seed, WallTime opens_at)
    : seed_(seed),
      opens_at_(opens_at),
      time_(opens_at - std::chrono::days(365)),
      machines_(make_machines(time_, seed)),
      host_(machines_, time_) {}

LabMachine* Lab::machine(const std::string& name) {
  auto found = std::ranges::find(machines_, name, [](const auto& each) { return each.row.name; });
  return found == machines_.end() ? nullptr : &*found;
}

LabMachine* Lab::machine(DeviceId did) {
  auto found = std::ranges::find(machines_, did, [](const auto& each) { return each.row.did; });
  return found == machines_.end() ? nullptr : &*found;
}

Task<Result<std::vector<DeviceId>>> Lab::put_machines(Store& store) {
  Devices devices(store, time_);
  std::vector<DeviceId> all;
  for (LabMachine& each : machines_) {
    auto did = co_await devices.put(each.row, each.gpus);
    if (!did) co_return std::unexpected(did.error());
    each.row.did = *did;
    auto work = [did = *did](Transaction& tx) -> Result<std::vector<GpuRow>> {
      return tx.gpus(did);
    };
    auto gpus = co_await store.read(work);
    if (!gpus) co_return std::unexpected(gpus.error());
    each.gpus = *gpus;
    all.push_back(*did);
  }
  co_return all;
}

std::vector<Lab::Event> Lab::events(Control& control) {
  std::vector<Event> all;
  for (const Person& person : people()) {
    all.push_back({opens_at_ - std::chrono::days(person.joined_days_ago),
                   [this, &control, person] { return join(control, person); }});
  }
  for (const BaseImage& image : base_images()) {
    all.push_back({opens_at_ - std::chrono::days(image.days_ago),
                   [this, &control, image] { return introduce(control, image); }});
  }
  for (const Moment& moment : week()) {
    all.push_back({opens_at_ - moment.ago,
                   [this, &control, deed = moment.deed] { return perform(control, deed); }});
  }
  add_logins(control, all);
  std::ranges::stable_sort(all, {}, &Event::at);
  return all;
}

// Everybody comes in each day, some time after half past eight; when is the seed's.
void Lab::add_logins(Control& control, std::vector<Event>& all) {
  std::mt19937_64 random(seed_);
  const auto today = std::chrono::floor<std::chrono::days>(opens_at_);
  for (int day = 1; day <= kLoginDays; ++day) {
    for (const Person& person : people()) {
      if (person.has_left) continue;
      const WallTime at =
          today - std::chrono::days(day) + 510min + std::chrono::seconds(random() % 5400);
      all.push_back({at, [this, &control, name = person.name] { return log_in(control, name); }});
    }
  }
}

Task<Result<>> Lab::play_week(Control& control) {
  auto hash = co_await control.gate.hash(kPassword);
  if (!hash) co_return std::unexpected(hash.error());
  password_hash_ = *hash;  // one for all: hashing takes a while on purpose
  for (LabMachine& each : machines_) {
    each.engine->machine.add_image(kMatlabImage, {{kKindLabel, "matlab"}});
    control.devices.attach(each.row.did, each.engine);
    control.devices.mark_reachable(each.row.did, true);
  }
  for (const Event& event : events(control)) {
    co_await advance(control, event.at);
    auto done = co_await event.run();
    if (!done) co_return done;
  }
  co_await advance(control, opens_at_);
  co_return ok();
}

// Over the last hour, with a look at everybody's figures every so often.
Task<> Lab::advance(Control& control, WallTime to) {
  if (to > opens_at_ - kCurves) time_.stand_at(opens_at_ - kCurves);
  while (time_.now() >= opens_at_ - kCurves && time_.now() + kSampleEvery <= to) {
    co_await time_.sleep(kSampleEvery);
    co_await control.sampler.sample_once();
    co_await control.gpu_sampler.sample_once();
  }
  time_.stand_at(to);
}

Task<Result<>> Lab::join(Control& control, Person person) {
  const UserRow row{.name = person.name,
                    .email = person.name + "@lab.example.edu",
                    .password_hash = password_hash_,
                    .role = person.role,
                    .disabled = person.has_left,
                    .created_at = time_.now()};
  auto work = [row](Transaction& tx) -> Result<UserId> {
    auto uid = tx.insert_user(row);
    if (uid) audit(tx, row.created_at, *uid, "user.add", row.name);
    return uid;
  };
  auto uid = co_await control.store.write(work);
  if (!uid) co_return std::unexpected(uid.error());
  actors_[person.name] = {*uid, person.name, person.role};
  co_return ok();
}

Task<Result<>> Lab::log_in(Control& control, std::string name) {
  auto work = [actor = actors_[name], at = time_.now()](Transaction& tx) -> Result<> {
    audit(tx, at, actor.uid, "user.login", actor.name);
    return ok();
  };
  co_return co_await control.store.write(work);
}

Task<Result<>> Lab::introduce(Control& control, BaseImage image) {
  LabMachine& there = *machine(image.machine);
  std::map<std::string, std::string> labels{{kKindLabel, image.kind}};
  if (!image.needs_driver.empty()) labels[kNeedsDriverLabel] = image.needs_driver;
  there.engine->machine.add_image(reference(image.name), labels,
                                  (std::int64_t{image.size_gb_tenths} << 30) / 10);
  auto added = co_await control.images.add(actors_["prof.liu"], there.row.did,
                                           reference(image.name), image.name);
  if (!added) co_return std::unexpected(added.error());
  co_return ok();
}

Task<Result<>> Lab::perform(Control& control, Deed deed) {
  using What = Deed::What;
  Result<> done = ok();
  switch (deed.what) {
    case What::kCreate:
      done = co_await create(control, deed);
      break;
    case What::kOpenMatlab: {
      auto opened =
          co_await control.matlab.create(deed.session, "class-" + std::to_string(deed.session));
      if (!opened) done = std::unexpected(opened.error());
      break;
    }
    case What::kEndsMatlab:
      done = co_await end_matlab(control, deed.session);
      break;
    case What::kGoesAway:
      machine(deed.machine)->engine->go_down();
      break;
    case What::kComesBack:
      machine(deed.machine)->engine->come_up();
      break;
    default:
      done = co_await change(control, deed);
  }
  if (!done) co_return broken(deed, done.error());
  co_return ok();
}

Task<Result<>> Lab::create(Control& control, Deed deed) {
  const LabMachine& there = *machine(deed.machine);
  auto work = [&there, &deed](Transaction& tx) -> Result<ImageId> {
    for (const ImageRow& image : tx.images_on(there.row.did, limits::kImages)) {
      if (image.name == deed.image) return image.iid;
    }
    return fail(ErrorCode::kNotFound, "no image " + deed.image + " there");
  };
  auto image = co_await control.store.read(work);
  if (!image) co_return std::unexpected(image.error());
  NewContainer wanted{*image, deed.container, deed.cpu, std::int64_t{deed.memory_gb} * 1024, {}};
  for (const int place : deed.gpus)
    wanted.gpus.push_back(there.gpus[static_cast<std::size_t>(place)].gid);
  auto created = co_await control.containers.create(actors_[deed.who], wanted);
  if (!created) co_return std::unexpected(created.error());
  co_return ok();
}

// Of a container that is there.
Task<Result<>> Lab::change(Control& control, Deed deed) {
  using What = Deed::What;
  const Actor actor = actors_[deed.who];
  auto work = [&](Transaction& tx) -> Result<std::optional<ContainerRow>> {
    return find_container(tx, actor.uid, deed.container);
  };
  auto found = co_await control.store.read(work);
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return fail(ErrorCode::kNotFound, "no such container");
  const ContainerRow row = **found;
  switch (deed.what) {
    case What::kStart:
      co_return co_await control.containers.start(actor, row.cid, std::nullopt);
    case What::kStop:
      co_return co_await control.containers.stop(actor, row.cid);
    case What::kDelete:
      co_return co_await control.containers.remove(actor, row.cid);
    case What::kSave: {
      auto saved = co_await control.images.save(actor, row.cid, deed.image, deed.is_public);
      if (!saved) co_return std::unexpected(saved.error());
      co_return ok();
    }
    case What::kEnds:
      co_return co_await end(control, row, 1, false);
    case What::kKilled:
      co_return co_await end(control, row, 137, true);
    default:
      co_return fail(ErrorCode::kInternal, "not a change of a container");
  }
}

Task<Result<>> Lab::end_matlab(Control& control, int session) {
  auto row = co_await control.matlab.find_session(session);
  if (!row) co_return std::unexpected(row.error());
  co_return co_await end(control, *row, 137, false);
}

// Berth learns of it from the engine's event; in the past nobody follows those, so it is asked to
// look.
Task<Result<>> Lab::end(Control& control, ContainerRow row, int code, bool out_of_memory) {
  memory::Machine& engine = machine(row.did)->engine->machine;
  const std::string name = control.driver.naming().container(row, row.generation);
  const auto* container = engine.find(name);
  if (container == nullptr || !memory::is_live(*container))
    co_return fail(ErrorCode::kConflict, "it does not run");
  engine.exit(name, code, out_of_memory);
  co_return co_await control.driver.settle(row.cid);
}

void Lab::end_what_wants_too_much() {
  for (LabMachine& each : machines_) {
    std::vector<std::string> doomed;
    for (const auto& container : each.engine->machine.containers()) {
      if (container.state != EngineState::kRunning) continue;
      const auto patience = Workload(container).runs_out_of_memory_after();
      if (patience && container.runs.back().length(time_.now()) >= *patience)
        doomed.push_back(container.id);
    }
    for (const std::string& id : doomed) each.engine->machine.exit(id, 137, true);
  }
}

// A deed that cannot be done, because a visitor was faster, is left out.
Task<> Lab::live(Control& control) {
  const std::vector<Deed> deeds = everyday();
  for (std::size_t look = 1; !control.background.stopping(); ++look) {
    co_await time_.sleep(kLook);
    end_what_wants_too_much();
    if (look % kLooksPerDeed != 0) continue;
    const Deed deed = deeds[(look / kLooksPerDeed - 1) % deeds.size()];
    (void)co_await perform(control, deed);
  }
}

}  // namespace berth::demo
