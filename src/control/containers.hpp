#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "base/clock.hpp"
#include "control/actor.hpp"
#include "control/devices.hpp"
#include "control/driver.hpp"
#include "control/host_ports.hpp"
#include "secrets/seal.hpp"
#include "store/store.hpp"

namespace berth {

struct NewContainer {
  ImageId image;
  std::string name;
  int cpu_cores = 0;
  std::int64_t memory_mb = 0;
  std::vector<GpuId> gpus;
};

struct ContainerProperty {
  ContainerRow container;
  DeviceRow device;
  std::vector<std::string> gpu_models;
  std::string owner_name;
  std::string image_name;
  std::optional<std::string> password;  // for its owner only
};

struct CreatedContainer {
  ContainerRow container;
  std::string password;
};

// People's workspaces. Each change is written down with what it takes from the device, in one
// transaction, and then driven; the answer waits for the driver.
class Containers {
 public:
  Containers(Store& store, Devices& devices, Driver& driver, Clock& clock,
             const secrets::Sealer& sealer, StrangersPorts& strangers);

  Task<Result<std::vector<ContainerId>>> list(Actor actor);
  Task<Result<std::vector<ContainerProperty>>> list_all(Actor actor);  // for admins
  // What is true now. kUnavailable when its device does not answer.
  Task<Result<State>> status(Actor actor, ContainerId cid);
  Task<Result<ContainerProperty>> property(Actor actor, ContainerId cid);

  Task<Result<CreatedContainer>> create(Actor actor, NewContainer wanted);
  // With `gpus` in place of those it had, if given.
  Task<Result<>> start(Actor actor, ContainerId cid, std::optional<std::vector<GpuId>> gpus);
  Task<Result<>> stop(Actor actor, ContainerId cid);
  Task<Result<>> remove(Actor actor, ContainerId cid);

 private:
  Task<Result<ContainerRow>> reserve(Actor actor, NewContainer wanted, std::string password);
  Task<Result<ContainerRow>> visible(Actor actor, ContainerId cid);
  using Change = std::function<Result<>(Transaction&, ContainerRow&)>;
  Task<Result<>> change(Actor actor, ContainerId cid, std::string action, Change apply);

  Store& store_;
  Devices& devices_;
  Driver& driver_;
  Clock& clock_;
  const secrets::Sealer& sealer_;
  StrangersPorts& strangers_;
};

}  // namespace berth
