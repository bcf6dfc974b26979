#include "control/devices.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "control/audit.hpp"

namespace berth {
namespace {

DeviceProperty read_property(Transaction& tx, const DeviceRow& device) {
  DeviceProperty property{
      .device = device, .used = tx.ledger(device).used(), .gpus = tx.gpus(device.did)};
  std::erase_if(property.gpus, [](const GpuRow& gpu) { return !gpu.present; });
  return property;
}

DeviceBoard read_board(Transaction& tx, const DeviceRow& device) {
  DeviceBoard board{.device = device, .used = tx.ledger(device).used()};
  for (GpuRow& gpu : tx.gpus(device.did)) {
    if (gpu.present) board.gpus.push_back({std::move(gpu), {}, {}});
  }
  for (const ContainerRow& row : tx.containers_on(device.did, limits::kContainers)) {
    if (row.kind != ContainerKind::kWorkspace || !row.holds) continue;
    if (row.state == State::kRunning) ++board.running;
    if (row.gpus.empty()) continue;
    const auto owner = tx.user(row.owner);
    for (GpuOnBoard& card : board.gpus) {
      if (std::ranges::find(row.gpus, card.gpu.gid) == row.gpus.end()) continue;
      card.holder = row;
      if (owner) card.holder_name = owner->name;
    }
  }
  return board;
}

// Cards that are not named any more are not placeable; those that are keep their ids, by uuid.
// A model that could not be read this time (empty) stays what it was.
void put_gpus(Transaction& tx, DeviceId did, const std::vector<GpuRow>& gpus) {
  std::map<std::string, std::string> models;
  for (GpuRow known : tx.gpus(did)) {
    models[known.uuid] = known.model;
    known.present =
        std::ranges::any_of(gpus, [&](const GpuRow& gpu) { return gpu.uuid == known.uuid; });
    tx.put_gpu(known);
  }
  for (GpuRow gpu : gpus) {
    gpu.did = did;
    if (gpu.model.empty()) gpu.model = models.contains(gpu.uuid) ? models[gpu.uuid] : "GPU";
    tx.put_gpu(gpu);
  }
}

}  // namespace

Result<> check_takes_new(const DeviceRow& device) {
  if (!device.draining) return ok();
  return fail(ErrorCode::kUnavailable, "the device takes nothing new at present");
}

Devices::Devices(Store& store, Clock& clock, Changes* changes)
    : store_(store), clock_(clock), changes_(changes) {}

Task<Result<std::vector<DeviceId>>> Devices::list(Actor) {
  co_return co_await store_.read([](Transaction& tx) -> Result<std::vector<DeviceId>> {
    std::vector<DeviceId> ids;
    for (const DeviceRow& device : tx.devices(limits::kDevices)) ids.push_back(device.did);
    return ids;
  });
}

Task<Result<DeviceProperty>> Devices::property(Actor, DeviceId did) {
  auto work = [did](Transaction& tx) -> Result<DeviceProperty> {
    auto device = tx.device(did);
    if (!device) return fail(ErrorCode::kNotFound, "no device");
    return read_property(tx, *device);
  };
  co_return co_await store_.read(work);
}

Task<Result<std::vector<DeviceProperty>>> Devices::properties(Actor) {
  co_return co_await store_.read([](Transaction& tx) -> Result<std::vector<DeviceProperty>> {
    std::vector<DeviceProperty> all;
    for (const DeviceRow& device : tx.devices(limits::kDevices))
      all.push_back(read_property(tx, device));
    return all;
  });
}

Task<Result<std::vector<DeviceBoard>>> Devices::boards(Actor) {
  co_return co_await store_.read([](Transaction& tx) -> Result<std::vector<DeviceBoard>> {
    std::vector<DeviceBoard> all;
    for (const DeviceRow& device : tx.devices(limits::kDevices))
      all.push_back(read_board(tx, device));
    return all;
  });
}

Task<Result<Room>> Devices::room(Actor, DeviceId did) {
  auto work = [did](Transaction& tx) -> Result<Room> {
    auto device = tx.device(did);
    if (!device) return fail(ErrorCode::kNotFound, "no device");
    const Ledger ledger = tx.ledger(*device);
    const Claim used = ledger.used();
    Room room{did,
              std::max(0, device->cpu_cores - used.cpu_cores),
              std::max<std::int64_t>(0, device->memory_mb - used.memory_mb),
              {}};
    for (GpuId gid : ledger.capacity().gpus) {
      if (!used.gpus.contains(gid)) room.gpus.push_back(gid);
    }
    return room;
  };
  co_return co_await store_.read(work);
}

Task<Result<DeviceId>> Devices::put(DeviceRow wanted, std::optional<std::vector<GpuRow>> gpus) {
  auto work = [wanted, gpus](Transaction& tx) -> Result<DeviceId> {
    DeviceRow row = wanted;
    for (const DeviceRow& known : tx.devices(limits::kDevices)) {
      if (known.name != row.name) continue;
      row.did = known.did;
      if (row.engine_id.empty()) row.engine_id = known.engine_id;
      if (row.cpu_cores == 0) row.cpu_cores = known.cpu_cores;
      if (row.memory_mb == 0) row.memory_mb = known.memory_mb;
      if (row.cpu_name.empty()) row.cpu_name = known.cpu_name;
      row.draining = known.draining;
      tx.update_device(row);
    }
    if (!row.did) row.did = tx.insert_device(row);
    if (gpus) put_gpus(tx, row.did, *gpus);
    return row.did;
  };
  co_return co_await store_.write(work);
}

Task<Result<>> Devices::set_draining(Actor actor, DeviceId did, bool draining) {
  if (draining) {
    co_return co_await change(std::move(actor), did, "device.drain",
                              [](DeviceRow& device) { device.draining = true; });
  }
  co_return co_await change(std::move(actor), did, "device.resume",
                            [](DeviceRow& device) { device.draining = false; });
}

Task<Result<>> Devices::trust_next_engine(Actor actor, DeviceId did) {
  // Whatever answers a connected device is its own engine already: nothing is left open for later.
  const auto keep = [](DeviceRow&) {};
  const auto forget = [](DeviceRow& device) { device.engine_id.clear(); };
  void (*apply)(DeviceRow&) = keep;
  if (!is_reachable(did)) apply = forget;
  co_return co_await change(std::move(actor), did, "device.trust", apply);
}

Task<Result<>> Devices::change(Actor actor, DeviceId did, std::string action,
                               void (*apply)(DeviceRow&)) {
  if (!actor.is_admin()) co_return fail(ErrorCode::kForbidden, "only an admin may do this");
  const WallTime now = clock_.now();
  auto work = [=](Transaction& tx) -> Result<> {
    auto device = tx.device(did);
    if (!device) return fail(ErrorCode::kNotFound, "no device");
    apply(*device);
    tx.update_device(*device);
    audit(tx, now, actor.uid, action, "did " + std::to_string(did.value));
    return ok();
  };
  co_return co_await store_.write(work);
}

Task<Result<>> Devices::confirm_engine(DeviceId did) {
  auto there = engine(did);
  if (!there) co_return fail(ErrorCode::kUnavailable, "the device is not connected");
  auto info = co_await there->info();
  if (!info) co_return std::unexpected(info.error());
  auto work = [did](Transaction& tx) -> Result<std::string> {
    auto device = tx.device(did);
    return device ? device->engine_id : "";
  };
  auto own = co_await store_.read(work);
  if (!own) co_return std::unexpected(own.error());
  if (own->empty() || *own == info->engine_id) co_return ok();
  co_return fail(ErrorCode::kUnavailable, "another engine answers on the device than before");
}

void Devices::attach(DeviceId did, std::shared_ptr<Engine> engine, DevicePlace place) {
  attached_[did] = {std::move(engine), std::move(place), false};
}

DevicePlace Devices::place(DeviceId did) const {
  auto found = attached_.find(did);
  return found == attached_.end() ? DevicePlace{} : found->second.place;
}

std::vector<DeviceId> Devices::elsewhere() const {
  std::vector<DeviceId> all;
  for (const auto& [did, attached] : attached_) {
    if (!attached.place.is_here) all.push_back(did);
  }
  return all;
}

Result<std::shared_ptr<Engine>> Devices::reachable_engine(DeviceId did) const {
  auto found = attached_.find(did);
  if (found == attached_.end())
    return fail(ErrorCode::kUnavailable, "the device is not in the settings any more");
  if (!found->second.reachable) {
    return fail(ErrorCode::kUnavailable,
                "device " + std::to_string(did.value) + " cannot be reached");
  }
  return found->second.engine;
}

std::shared_ptr<Engine> Devices::engine(DeviceId did) const {
  auto found = attached_.find(did);
  return found == attached_.end() ? nullptr : found->second.engine;
}

void Devices::mark_reachable(DeviceId did, bool reachable) {
  auto found = attached_.find(did);
  if (found == attached_.end() || found->second.reachable == reachable) return;
  found->second.reachable = reachable;
  if (changes_ != nullptr) {
    changes_->publish({.kind = Change::Kind::kDevice, .id = did.value, .is_everybodys = true});
  }
}

bool Devices::is_reachable(DeviceId did) const {
  auto found = attached_.find(did);
  return found != attached_.end() && found->second.reachable;
}

}  // namespace berth
