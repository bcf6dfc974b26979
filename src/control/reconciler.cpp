#include "control/reconciler.hpp"

#include <algorithm>
#include <optional>

#include "async/together.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"

namespace berth {
namespace {

constexpr auto kFirstRetry = std::chrono::milliseconds(500);
constexpr auto kLongestRetry = std::chrono::milliseconds(5'000);

void warn(const char* what, DeviceId did, const Error& error) {
  log(LogLevel::kWarn, what,
      {{"did", did.value}, {"error", error.message}, {"details", error.details}});
}

}  // namespace

Reconciler::Reconciler(Store& store, Devices& devices, Driver& driver, Images& images,
                       Timers& timers, Background& background)
    : store_(store),
      devices_(devices),
      driver_(driver),
      images_(images),
      timers_(timers),
      background_(background) {}

void Reconciler::watch(DeviceId did) {
  background_.start("follow", follow(did));
  background_.start("repeat", repeat(did));
}

Task<> Reconciler::follow(DeviceId did) {
  auto retry = kFirstRetry;
  std::optional<Error> said;
  while (!background_.stopping()) {
    auto engine = devices_.engine(did);
    auto trusted = co_await trust(did, engine);
    if (trusted) {
      retry = kFirstRetry;
      said.reset();
      co_await follow_once(did, engine);
    } else if (said != trusted.error()) {
      said = trusted.error();
      warn("device not reachable", did, *said);
    }
    devices_.mark_reachable(did, false);
    if (background_.stopping()) break;
    co_await timers_.sleep(retry);
    retry = std::min(retry * 2, kLongestRetry);
  }
}

// A different engine behind the same address would make every container look lost: it is not
// believed.
Task<Result<>> Reconciler::trust(DeviceId did, std::shared_ptr<Engine> engine) {
  auto info = co_await engine->info();
  if (!info) co_return std::unexpected(info.error());
  auto work = [did, id = info->engine_id](Transaction& tx) -> Result<> {
    auto device = tx.device(did);
    if (!device) return fail(ErrorCode::kNotFound, "no device");
    if (device->engine_id == id) return ok();
    if (!device->engine_id.empty()) {
      return fail(ErrorCode::kForbidden,
                  "another engine answers there than before; `berth device trust " +
                      std::to_string(did.value) + "` accepts it");
    }
    for (const DeviceRow& other : tx.devices(limits::kDevices)) {
      if (other.engine_id == id) {
        return fail(ErrorCode::kForbidden,
                    "device " + std::to_string(other.did.value) +
                        " has this engine already; a copied machine needs an id of its own");
      }
    }
    device->engine_id = id;
    tx.update_device(*device);
    return ok();
  };
  co_return co_await store_.write(work);
}

Task<> Reconciler::follow_once(DeviceId did, std::shared_ptr<Engine> engine) {
  auto on_open = [this, did] {
    devices_.mark_reachable(did, true);
    log(LogLevel::kInfo, "device connected", {{"did", did.value}});
    background_.start("reconcile", reconcile(did));
  };
  auto on_event = [this](EngineEvent event) {
    if (auto owner = driver_.naming().owner(event.attributes)) poke(owner->cid);
  };
  auto ended = co_await engine->follow_events(on_open, on_event);
  if (!ended && !background_.stopping()) warn("event stream ended", did, ended.error());
}

Task<> Reconciler::repeat(DeviceId did) {
  while (!background_.stopping()) {
    co_await timers_.sleep(limits::kReconcileEvery);
    // Not waited for: a call that hangs holds up its own container alone.
    if (!background_.stopping() && devices_.is_reachable(did))
      background_.start("reconcile", reconcile(did));
  }
}

void Reconciler::poke(ContainerId cid) {
  auto [entry, is_new] = poked_.try_emplace(cid, false);
  if (!is_new) {
    entry->second = true;
    return;
  }
  background_.start("drive", drive_pokes(cid));
}

Task<> Reconciler::drive_pokes(ContainerId cid) {
  do {
    poked_[cid] = false;
    auto settled = co_await driver_.settle(cid);
    if (!settled) {
      log(LogLevel::kWarn, "container not settled",
          {{"cid", cid.value},
           {"error", settled.error().message},
           {"details", settled.error().details}});
    }
  } while (poked_[cid] && !background_.stopping());
  poked_.erase(cid);
}

Task<> Reconciler::reconcile(DeviceId did) {
  // Devices take turns, as people's requests wait behind all that is going on at once. A turn that
  // engines without an answer hold for too long is not waited for, and a round that overlaps with
  // an earlier one of its device needs none.
  const bool is_first = has_turn_.insert(did).second;
  std::optional<Result<Semaphore::Permit>> turn;
  if (is_first) turn.emplace(co_await turns_.acquire(limits::kReconcileTurn));
  auto engine = devices_.engine(did);
  auto rest = together(images_.recover(did), sweep(did, engine));
  co_await together(settle_all(did), std::move(rest));
  if (is_first) has_turn_.erase(did);
}

Task<> Reconciler::settle_all(DeviceId did) {
  auto work = [did](Transaction& tx) -> Result<std::vector<ContainerId>> {
    std::vector<ContainerId> all;
    for (const ContainerRow& row : tx.containers_on(did, limits::kContainers))
      all.push_back(row.cid);
    return all;
  };
  auto ids = co_await store_.read(work);
  if (!ids) {
    warn("reconcile failed", did, ids.error());
    co_return;
  }
  std::vector<Chore> chores;
  for (ContainerId cid : *ids)
    chores.push_back({"cid " + std::to_string(cid.value), [this, cid] { return settle(cid); }});
  co_await chores_.run(std::move(chores), limits::kReconcileAtOnce);
}

Task<> Reconciler::settle(ContainerId cid) {
  if (background_.stopping()) co_return;
  auto settled = co_await driver_.settle(cid);
  if (!settled)
    log(LogLevel::kDebug, "not settled", {{"cid", cid.value}, {"error", settled.error().message}});
}

// Wanted is the generation that has the files, and its successor while it is being rebuilt.
Task<Result<bool>> Reconciler::is_wanted(Naming::Owner owner) {
  auto work = [owner](Transaction& tx) -> Result<bool> {
    auto row = tx.container(owner.cid);
    if (!row) return false;
    return owner.generation == row->generation ||
           (row->rebuild && owner.generation == row->generation + 1);
  };
  co_return co_await store_.read(work);
}

// What has no row, and what has it only under another name.
Task<> Reconciler::sweep(DeviceId did, std::shared_ptr<Engine> engine) {
  auto listed = co_await engine->list(driver_.naming().label_filter());
  if (!listed) warn("sweep failed", did, listed.error());
  auto tags = co_await engine->list_images(driver_.naming().rebuild_filter());
  const std::string where = " on " + std::to_string(did.value);
  std::vector<Chore> chores;
  if (listed) {
    for (const ListedContainer& found : *listed)
      chores.push_back(
          {found.name + where, [this, engine, found] { return sweep_container(engine, found); }});
  }
  if (tags) {
    for (const std::string& tag : *tags)
      chores.push_back(
          {tag + where, [this, engine, tag] { return sweep_hidden_image(engine, tag); }});
  }
  co_await chores_.run(std::move(chores), limits::kReconcileAtOnce);
}

Task<> Reconciler::sweep_container(std::shared_ptr<Engine> engine, ListedContainer listed) {
  auto owner = driver_.naming().owner(listed.labels);
  if (!owner) co_return;
  auto guard = co_await driver_.hold(owner->cid);
  auto wanted = co_await is_wanted(*owner);
  if (!wanted || *wanted) co_return;
  auto seen = co_await engine->inspect(listed.id);  // it may have gone since it was listed
  if (!seen && seen.error().code == ErrorCode::kNotFound) co_return;
  log(LogLevel::kWarn, "removing a container that has no row",
      {{"name", listed.name}, {"cid", owner->cid.value}});
  auto removed = co_await engine->remove(listed.id);
  if (!removed)
    log(LogLevel::kWarn, "not removed",
        {{"name", listed.name}, {"error", removed.error().details}});
}

Task<> Reconciler::sweep_hidden_image(std::shared_ptr<Engine> engine, std::string tag) {
  auto owner = driver_.naming().rebuild_owner(tag);
  if (!owner) co_return;
  auto guard = co_await driver_.hold(owner->cid);
  auto wanted = co_await is_wanted(*owner);
  if (!wanted || *wanted) co_return;
  auto removed = co_await engine->remove_image(tag);
  if (!removed)
    log(LogLevel::kDebug, "hidden image stays", {{"tag", tag}, {"error", removed.error().details}});
}

}  // namespace berth
