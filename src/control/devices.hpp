#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "base/clock.hpp"
#include "control/actor.hpp"
#include "control/changes.hpp"
#include "engine/engine.hpp"
#include "store/store.hpp"

namespace berth {

struct DeviceProperty {
  DeviceRow device;
  Claim used;
  std::vector<GpuRow> gpus;  // those that are there
};

struct GpuOnBoard {
  GpuRow gpu;
  std::optional<ContainerRow> holder;  // that runs with it
  std::string holder_name;             // whose that is
};

struct DeviceBoard {
  DeviceRow device;
  Claim used;
  std::vector<GpuOnBoard> gpus;
  int running = 0;  // workspaces
};

// What one device has left.
struct Room {
  DeviceId did;
  int cpu_cores = 0;
  std::int64_t memory_mb = 0;
  std::vector<GpuId> gpus;
};

// kUnavailable on a device that an admin is emptying: for whatever would be placed there anew.
Result<> check_takes_new(const DeviceRow& device);

// How a device stands to the machine that Berth runs on.
struct DevicePlace {
  bool is_here = true;     // it is that machine: its files, processes and ports are at hand
  std::string publish_ip;  // where ports of workspaces are published there; empty = as on this one
  std::string probe_ip;    // an address or a name where they answer from here; the same
};

// The machines and their engines. An engine object lives as long as the program; whether anybody
// answers behind it is `reachable`, which the watcher keeps.
class Devices {
 public:
  // `changes` hears when one gets out of reach and comes back.
  Devices(Store& store, Clock& clock, Changes* changes = nullptr);

  Task<Result<std::vector<DeviceId>>> list(Actor actor);
  Task<Result<DeviceProperty>> property(Actor actor, DeviceId did);  // kNotFound "no device"
  Task<Result<std::vector<DeviceProperty>>> properties(Actor actor);

  // For a page: who holds which GPU since when.
  Task<Result<std::vector<DeviceBoard>>> boards(Actor actor);
  Task<Result<Room>> room(Actor actor, DeviceId did);

  // Makes or refreshes the row of the device with this name, and its GPUs: those not named are no
  // longer present. Without a list the known ones stay as they are, as does what the row leaves
  // open: the engine's id, no cores, no memory, no name of a processor.
  Task<Result<DeviceId>> put(DeviceRow device, std::optional<std::vector<GpuRow>> gpus);
  // For admins: nothing new is placed there, or again; what runs there goes on.
  Task<Result<>> set_draining(Actor actor, DeviceId did, bool draining);
  // For admins: accepts whatever engine answers there next as the device's own.
  Task<Result<>> trust_next_engine(Actor actor, DeviceId did);
  void attach(DeviceId did, std::shared_ptr<Engine> engine, DevicePlace place = {});
  // One that was attached once and is no more has a row, its containers and its images, and nothing
  // can be done there.
  bool is_attached(DeviceId did) const { return attached_.contains(did); }
  DevicePlace place(DeviceId did) const;
  std::vector<DeviceId> elsewhere() const;  // those attached that are not here

  // Ok when the engine that answers there now is the device's own: what another one has not got is
  // not gone.
  Task<Result<>> confirm_engine(DeviceId did);
  // kUnavailable when nobody answers there at present, or it is not attached.
  Result<std::shared_ptr<Engine>> reachable_engine(DeviceId did) const;
  std::shared_ptr<Engine> engine(DeviceId did) const;  // null: no such device here
  void mark_reachable(DeviceId did, bool reachable);
  bool is_reachable(DeviceId did) const;

 private:
  struct Attached {
    std::shared_ptr<Engine> engine;
    DevicePlace place;
    bool reachable = false;
  };

  Task<Result<>> change(Actor actor, DeviceId did, std::string action, void (*apply)(DeviceRow&));

  Store& store_;
  Clock& clock_;
  Changes* changes_;
  std::map<DeviceId, Attached> attached_;
};

}  // namespace berth
