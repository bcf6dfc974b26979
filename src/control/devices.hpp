#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "control/actor.hpp"
#include "engine/engine.hpp"
#include "store/store.hpp"

namespace berth {

struct DeviceProperty {
  DeviceRow device;
  Claim used;
  std::vector<GpuRow> gpus;  // those that are there
};

// The machines and their engines. An engine object lives as long as the program; whether anybody
// answers behind it is `reachable`, which the watcher keeps.
class Devices {
 public:
  explicit Devices(Store& store);

  Task<Result<std::vector<DeviceId>>> list(Actor actor);
  Task<Result<DeviceProperty>> property(Actor actor, DeviceId did);  // kNotFound "no device"
  Task<Result<std::vector<DeviceProperty>>> properties(Actor actor);

  // Makes or refreshes the row of the device with this name, and its GPUs: those not named are no
  // longer present. Without a list the known ones stay as they are.
  Task<Result<DeviceId>> put(DeviceRow device, std::optional<std::vector<GpuRow>> gpus);
  // For admins: accepts whatever engine answers there next as the device's own.
  Task<Result<>> trust_next_engine(Actor actor, DeviceId did);
  void attach(DeviceId did, std::shared_ptr<Engine> engine);

  // kUnavailable when nobody answers there at present.
  Result<std::shared_ptr<Engine>> reachable_engine(DeviceId did) const;
  std::shared_ptr<Engine> engine(DeviceId did) const;  // null: no such device here
  void mark_reachable(DeviceId did, bool reachable);
  bool is_reachable(DeviceId did) const;

 private:
  struct Attached {
    std::shared_ptr<Engine> engine;
    bool reachable = false;
  };

  Store& store_;
  std::map<DeviceId, Attached> attached_;
};

}  // namespace berth
