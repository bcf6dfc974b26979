#include "control/containers.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "control/audit.hpp"
#include "core/rules.hpp"
#include "secrets/tokens.hpp"

namespace berth {
namespace {

constexpr std::size_t kPasswordLength = 16;

std::unexpected<Error> no_container() {
  return fail(ErrorCode::kNotFound, "no container or not authorized to visit");
}

// One that is being deleted is gone already, for people.
bool is_visible(const Actor& actor, const ContainerRow& row) {
  return row.kind == ContainerKind::kWorkspace && row.wanted != Wanted::kGone &&
         actor.may_touch(row.owner);
}

bool is_visible(const Actor& actor, const std::optional<ContainerRow>& row) {
  return row && is_visible(actor, *row);
}

std::string subject(ContainerId cid) { return "cid " + std::to_string(cid.value); }

Result<> check(const NewContainer& wanted) {
  if (auto r = rules::check_name("name", wanted.name); !r) return r;
  if (wanted.cpu_cores < 1 || wanted.cpu_cores > limits::kCpuCores) {
    return fail(ErrorCode::kInvalid, "cpu: must be a whole number between 1 and 4096");
  }
  if (wanted.memory_mb < limits::kMemoryMin || wanted.memory_mb > limits::kMemoryMax) {
    return fail(ErrorCode::kInvalid, "mem: must be a whole number of MiB, at least 64");
  }
  return ok();
}

std::vector<GpuId> without_doubles(std::vector<GpuId> gpus) {
  std::ranges::sort(gpus);
  gpus.erase(std::ranges::unique(gpus).begin(), gpus.end());
  return gpus;
}

Result<> claim(Transaction& tx, const DeviceRow& device, const ContainerRow& row) {
  Ledger ledger = tx.ledger(device);
  return ledger.claim(row.cid ? row.cid : ContainerId{-1}, row.claim());
}

ContainerProperty read_property(Transaction& tx, const ContainerRow& row) {
  ContainerProperty property{.container = row};
  if (auto device = tx.device(row.did)) property.device = *device;
  if (auto owner = tx.user(row.owner)) property.owner_name = owner->name;
  if (auto image = tx.image(row.iid)) property.image_name = image->name;
  for (GpuId gid : row.gpus) {
    if (auto gpu = tx.gpu(gid)) property.gpu_models.push_back(gpu->model);
  }
  return property;
}

}  // namespace

Containers::Containers(Store& store, Devices& devices, Driver& driver, Clock& clock,
                       const secrets::Sealer& sealer, StrangersPorts& strangers)
    : store_(store),
      devices_(devices),
      driver_(driver),
      clock_(clock),
      sealer_(sealer),
      strangers_(strangers),
      known_(store, clock, limits::kRememberedAnswers) {}

Task<Result<std::vector<ContainerId>>> Containers::list(Actor actor) {
  auto work = [actor](Transaction& tx) -> Result<std::vector<ContainerId>> {
    std::vector<ContainerId> ids;
    for (const ContainerRow& row : tx.containers_of(actor.uid, limits::kContainersPerUser)) {
      if (row.wanted != Wanted::kGone) ids.push_back(row.cid);
    }
    return ids;
  };
  co_return co_await store_.read(work);
}

Task<Result<std::vector<ContainerProperty>>> Containers::list_all(Actor actor) {
  if (!actor.is_admin()) co_return fail(ErrorCode::kForbidden, "only an admin may do this");
  co_return co_await store_.read([](Transaction& tx) -> Result<std::vector<ContainerProperty>> {
    std::vector<ContainerProperty> all;
    for (const ContainerRow& row : tx.containers(limits::kContainers)) {
      if (row.kind == ContainerKind::kWorkspace) all.push_back(read_property(tx, row));
    }
    return all;
  });
}

Task<Result<std::vector<ContainerProperty>>> Containers::overview(Actor actor) {
  auto work = [actor](Transaction& tx) -> Result<std::vector<ContainerProperty>> {
    std::vector<ContainerProperty> own;
    for (const ContainerRow& row : tx.containers_of(actor.uid, limits::kContainersPerUser)) {
      own.push_back(read_property(tx, row));
    }
    return own;
  };
  co_return co_await store_.read(work);
}

Task<Result<ContainerProperty>> Containers::look(Actor actor, ContainerId cid) {
  auto work = [actor, cid](Transaction& tx) -> Result<ContainerProperty> {
    auto row = tx.container(cid);
    if (!row || row->kind != ContainerKind::kWorkspace || !actor.may_touch(row->owner)) {
      return no_container();
    }
    return read_property(tx, *row);
  };
  co_return co_await store_.read(work);
}

Task<Result<std::string>> Containers::password(Actor actor, ContainerId cid) {
  auto row = co_await visible(actor, cid);
  if (!row) co_return std::unexpected(row.error());
  if (row->owner != actor.uid) co_return no_container();
  co_return sealer_.open(row->sealed_password, driver_.naming().data_folder(cid));
}

Task<Result<Containers::OnEngine>> Containers::on_engine(Actor actor, ContainerId cid) {
  auto row = co_await visible(actor, cid);
  if (!row) co_return std::unexpected(row.error());
  auto engine = devices_.reachable_engine(row->did);
  if (!engine) co_return std::unexpected(engine.error());
  co_return OnEngine{*engine, driver_.naming().container(*row, row->generation)};
}

Task<Result<Containers::OnEngine>> Containers::running(Actor actor, ContainerId cid) {
  auto row = co_await visible(actor, cid);
  if (!row) co_return std::unexpected(row.error());
  if (row->state != State::kRunning)
    co_return fail(ErrorCode::kConflict, "container already stopped");
  co_return co_await on_engine(actor, cid);
}

Task<Result<std::vector<EngineLogLine>>> Containers::logs(Actor actor, ContainerId cid,
                                                          std::size_t tail) {
  auto there = co_await on_engine(actor, cid);
  if (!there) co_return std::unexpected(there.error());
  co_return co_await there->engine->logs(there->name, tail);
}

Task<Result<EngineChanges>> Containers::changes(Actor actor, ContainerId cid) {
  auto there = co_await on_engine(actor, cid);
  if (!there) co_return std::unexpected(there.error());
  co_return co_await there->engine->changes(there->name);
}

Task<Result<ContainerRow>> Containers::visible(Actor actor, ContainerId cid) {
  auto work = [actor, cid](Transaction& tx) -> Result<ContainerRow> {
    auto row = tx.container(cid);
    if (!is_visible(actor, row)) return no_container();
    return *row;
  };
  co_return co_await store_.read(work);
}

// The reconciler keeps the row true as long as the device is connected; else the engine is asked
// now.
Task<Result<State>> Containers::status(Actor actor, ContainerId cid) {
  auto found = co_await known(cid);
  if (!found) co_return std::unexpected(found.error());
  if (!is_visible(actor, found->container)) co_return no_container();
  if (devices_.is_reachable(found->container.did)) co_return found->container.state;
  if (auto r = co_await driver_.settle(cid); !r) {
    co_return fail(ErrorCode::kUnavailable, "the device cannot be reached", r.error().message);
  }
  auto row = co_await visible(actor, cid);
  if (!row) co_return std::unexpected(row.error());
  co_return row->state;
}

Task<Result<ContainerProperty>> Containers::known(ContainerId cid) {
  std::string key = std::to_string(cid.value);
  if (const ContainerProperty* property = known_.find(key)) co_return *property;
  const auto as_of = known_.as_of();
  auto work = [cid](Transaction& tx) -> Result<ContainerProperty> {
    auto row = tx.container(cid);
    if (!row) return no_container();
    return read_property(tx, *row);
  };
  auto property = co_await store_.read(work);
  if (property) known_.keep(std::move(key), as_of, *property);
  co_return property;
}

Task<Result<ContainerProperty>> Containers::property(Actor actor, ContainerId cid) {
  auto property = co_await known(cid);
  if (!property) co_return property;
  if (!is_visible(actor, property->container)) co_return no_container();
  if (property->container.owner != actor.uid) co_return property;
  auto password =
      sealer_.open(property->container.sealed_password, driver_.naming().data_folder(cid));
  if (!password) co_return std::unexpected(password.error());
  property->password = *password;
  co_return property;
}

// Where nobody answers nothing is written down: it could not be taken back before somebody does.
Task<Result<ContainerRow>> Containers::reserve(Actor actor, NewContainer wanted,
                                               std::string password) {
  if (auto r = check(wanted); !r) co_return std::unexpected(r.error());
  wanted.gpus = without_doubles(std::move(wanted.gpus));
  const WallTime now = clock_.now();
  auto find_device = [iid = wanted.image](Transaction& tx) -> Result<DeviceId> {
    auto image = tx.image(iid);
    return image ? image->did : DeviceId{};
  };
  auto device_of_image = co_await store_.read(find_device);
  if (!device_of_image) co_return std::unexpected(device_of_image.error());
  const auto avoided = strangers_.avoided(*device_of_image);
  const auto engine = devices_.reachable_engine(*device_of_image);
  Result<> reached = ok();
  if (!engine) reached = std::unexpected(engine.error());
  // Written on the store's own thread: by value, but for what never changes.
  auto work = [=, &sealer = sealer_,
               &naming = driver_.naming()](Transaction& tx) -> Result<ContainerRow> {
    auto image = tx.image(wanted.image);
    if (!image || image->state != ImageState::kReady ||
        (!image->is_public && !actor.may_touch(image->owner))) {
      return fail(ErrorCode::kNotFound, "no image or not authorized to visit image");
    }
    auto device = tx.device(image->did);
    if (!device) return fail(ErrorCode::kNotFound, "no image or not authorized to visit image");
    if (!reached) return std::unexpected(reached.error());
    if (auto r = check_takes_new(*device); !r) return std::unexpected(r.error());
    if (tx.count_containers_of(actor.uid) >=
        static_cast<std::int64_t>(limits::kContainersPerUser)) {
      return fail(ErrorCode::kExhausted, "you have too many containers, delete one first");
    }
    ContainerRow row{.owner = actor.uid,
                     .did = device->did,
                     .iid = image->iid,
                     .name = wanted.name,
                     .cpu_cores = wanted.cpu_cores,
                     .memory_mb = wanted.memory_mb,
                     .gpus = wanted.gpus,
                     .ports = {{kSshPort, 0}, {kJupyterPort, 0}, {kTensorboardPort, 0}},
                     .created_at = now};
    if (auto r = claim(tx, *device, row); !r) return std::unexpected(r.error());
    if (auto r = assign_host_ports(tx, *device, avoided, row.ports); !r)
      return std::unexpected(r.error());
    row.cid = tx.insert_container(row);
    row.sealed_password = sealer.seal(password, naming.data_folder(row.cid));
    tx.update_container(row);
    audit(tx, now, actor.uid, "container.create", subject(row.cid));
    return row;
  };
  co_return co_await store_.write(work);
}

Task<Result<ContainerRow>> Containers::begin_create(Actor actor, NewContainer wanted) {
  std::string password = secrets::make_password(kPasswordLength);
  co_return co_await reserve(actor, std::move(wanted), std::move(password));
}

Task<Result<>> Containers::finish_create(ContainerId cid) {
  auto made = co_await driver_.settle(cid);
  if (made) co_return made;
  if (auto r = co_await driver_.take_back(cid); !r) co_return r;
  co_return made;
}

Task<Result<CreatedContainer>> Containers::create(Actor actor, NewContainer wanted) {
  const std::string password = secrets::make_password(kPasswordLength);
  auto row = co_await reserve(actor, std::move(wanted), password);
  if (!row) co_return std::unexpected(row.error());
  auto made = co_await finish_create(row->cid);
  if (!made) co_return std::unexpected(made.error());
  auto running = co_await visible(actor, row->cid);  // its ports may have moved
  if (!running && running.error().code == ErrorCode::kNotFound)
    co_return fail(ErrorCode::kRefused, "docker run failed",
                   "it was removed while it was being made");
  if (!running)
    co_return fail(ErrorCode::kUnknown, "it was made, and cannot be read now",
                   running.error().message);
  co_return CreatedContainer{*running, password};
}

// Every change of a container that is there: whoever may not see it learns nothing, one at a time,
// written down first and then driven.
Task<Result<Containers::Begun>> Containers::begin(Actor actor, ContainerId cid, std::string action,
                                                  Change apply) {
  auto row = co_await visible(actor, cid);
  if (!row) co_return std::unexpected(row.error());
  auto engine = devices_.reachable_engine(row->did);
  if (!engine) co_return std::unexpected(engine.error());
  auto guard = co_await driver_.hold(cid);
  const WallTime now = clock_.now();
  auto work = [=](Transaction& tx) -> Result<ContainerRow> {
    auto container = tx.container(cid);
    if (!is_visible(actor, container)) return no_container();
    if (auto r = apply(tx, *container); !r) return std::unexpected(r.error());
    tx.update_container(*container);
    audit(tx, now, actor.uid, action, subject(cid));
    return *container;
  };
  auto written = co_await store_.write(work);
  if (!written) co_return std::unexpected(written.error());
  co_return Begun{std::move(*written), std::move(guard), *engine};
}

Task<Result<>> Containers::finish(Begun begun, StepWatcher* watcher) {
  const ContainerId cid = begun.row.cid;
  Result<> stopped = ok();
  if (begun.stops_first) {
    if (watcher != nullptr) watcher->step_began(cid, Step::kStop);
    const std::string name = driver_.naming().container(begun.row, begun.row.generation);
    stopped = co_await begun.engine->stop(name, limits::kEngineStopGrace);
    if (watcher != nullptr) watcher->step_ended(cid, Step::kStop, stopped.has_value());
  }
  auto settled = co_await driver_.settle_held(cid);
  // One that is gone from its engine: the driver has found out, and says it.
  if (!stopped && stopped.error().code != ErrorCode::kNotFound) co_return stopped;
  co_return settled;
}

Task<Result<>> Containers::finish_begun(Result<Begun> begun) {
  if (!begun) co_return std::unexpected(begun.error());
  co_return co_await finish(std::move(*begun));
}

Task<Result<Containers::Begun>> Containers::begin_start(Actor actor, ContainerId cid,
                                                        std::optional<std::vector<GpuId>> gpus) {
  if (gpus) gpus = without_doubles(std::move(*gpus));
  const Change apply = [gpus](Transaction& tx, ContainerRow& row) -> Result<> {
    const bool paused = row.state == State::kPaused;
    if (row.wanted == Wanted::kRunning && !paused)
      return fail(ErrorCode::kConflict, "container already running");
    auto device = tx.device(row.did);
    if (!device) return no_container();
    if (!paused) {
      if (auto r = check_takes_new(*device); !r) return r;
    }
    if (gpus && *gpus != row.gpus) {
      // As long as it is not known to be at rest, the GPUs it had are not free.
      if (paused)
        return fail(ErrorCode::kConflict,
                    "container is paused, it can go on only with its own gpus");
      if (row.holds)
        return fail(ErrorCode::kConflict, "container is still being stopped, try again later");
      row.gpus = *gpus;
      row.rebuild = row.made;
    }
    if (auto r = claim(tx, *device, row); !r) return r;
    row.wanted = Wanted::kRunning;
    row.start_pending = true;
    row.holds = true;
    return ok();
  };
  co_return co_await begin(actor, cid, "container.start", apply);
}

Task<Result<>> Containers::start(Actor actor, ContainerId cid,
                                 std::optional<std::vector<GpuId>> gpus) {
  auto begun = co_await begin_start(actor, cid, std::move(gpus));
  co_return co_await finish_begun(std::move(begun));
}

Task<Result<Containers::Begun>> Containers::begin_stop(Actor actor, ContainerId cid) {
  const Change apply = [](Transaction&, ContainerRow& row) -> Result<> {
    if (row.wanted == Wanted::kStopped && row.state == State::kStopped) {
      return fail(ErrorCode::kConflict, "container already stopped");
    }
    row.wanted = Wanted::kStopped;
    row.start_pending = false;
    return ok();
  };
  co_return co_await begin(actor, cid, "container.stop", apply);
}

Task<Result<>> Containers::stop(Actor actor, ContainerId cid) {
  auto begun = co_await begin_stop(actor, cid);
  co_return co_await finish_begun(std::move(begun));
}

// Stopped by the second half and then started by the driver, because a start is pending; so a crash
// in between ends with a container that runs.
Task<Result<Containers::Begun>> Containers::begin_restart(Actor actor, ContainerId cid) {
  const Change apply = [](Transaction&, ContainerRow& row) -> Result<> {
    if (row.wanted != Wanted::kRunning || row.state != State::kRunning) {
      return fail(ErrorCode::kConflict, "container already stopped");
    }
    row.start_pending = true;
    return ok();
  };
  auto begun = co_await begin(actor, cid, "container.restart", apply);
  if (begun) begun->stops_first = true;
  co_return begun;
}

Task<Result<Containers::Begun>> Containers::begin_remove(Actor actor, ContainerId cid) {
  const Change apply = [](Transaction&, ContainerRow& row) -> Result<> {
    row.wanted = Wanted::kGone;
    row.start_pending = false;
    return ok();
  };
  co_return co_await begin(actor, cid, "container.delete", apply);
}

Task<Result<>> Containers::remove(Actor actor, ContainerId cid) {
  auto begun = co_await begin_remove(actor, cid);
  co_return co_await finish_begun(std::move(begun));
}

}  // namespace berth
