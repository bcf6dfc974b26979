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
#include "control/remembered.hpp"
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

  // The same for a page that shows everything: those that are on their way out too, no password.
  Task<Result<std::vector<ContainerProperty>>> overview(Actor actor);
  Task<Result<ContainerProperty>> look(Actor actor, ContainerId cid);
  Task<Result<std::string>> password(Actor actor, ContainerId cid);  // kNotFound but for its owner

  // The last lines that it printed, and what saving it as an image would keep; kUnavailable when
  // its device does not answer.
  Task<Result<std::vector<EngineLogLine>>> logs(Actor actor, ContainerId cid, std::size_t tail);
  Task<Result<EngineChanges>> changes(Actor actor, ContainerId cid);

  // Where one that runs is to be found. kConflict "container already stopped".
  struct OnEngine {
    std::shared_ptr<Engine> engine;
    std::string name;
  };
  Task<Result<OnEngine>> running(Actor actor, ContainerId cid);

  Task<Result<CreatedContainer>> create(Actor actor, NewContainer wanted);
  // With `gpus` in place of those it had, if given.
  Task<Result<>> start(Actor actor, ContainerId cid, std::optional<std::vector<GpuId>> gpus);
  Task<Result<>> stop(Actor actor, ContainerId cid);
  Task<Result<>> remove(Actor actor, ContainerId cid);

  // The same in two halves, for callers who answer in between. The first checks, refuses, and
  // writes down what is wanted; the second drives it there. Nobody else works on the container
  // until the second has ended.
  struct Begun {
    ContainerRow row;
    KeyedLock::Guard guard;
    std::shared_ptr<Engine> engine;
    bool stops_first = false;
  };
  Task<Result<ContainerRow>> begin_create(Actor actor, NewContainer wanted);
  Task<Result<>> finish_create(ContainerId cid);  // when it fails, nothing stays
  Task<Result<Begun>> begin_start(Actor actor, ContainerId cid,
                                  std::optional<std::vector<GpuId>> gpus);
  Task<Result<Begun>> begin_stop(Actor actor, ContainerId cid);
  Task<Result<Begun>> begin_restart(Actor actor, ContainerId cid);  // kConflict unless it runs
  Task<Result<Begun>> begin_remove(Actor actor, ContainerId cid);
  Task<Result<>> finish(Begun begun, StepWatcher* watcher = nullptr);

 private:
  Task<Result<ContainerRow>> reserve(Actor actor, NewContainer wanted, std::string password);
  Task<Result<OnEngine>> on_engine(Actor actor, ContainerId cid);
  // The workspace with what belongs to it, whoever asks; as it was read the last time.
  Task<Result<ContainerProperty>> known(ContainerId cid);
  Task<Result<ContainerRow>> visible(Actor actor, ContainerId cid);
  using Change = std::function<Result<>(Transaction&, ContainerRow&)>;
  Task<Result<Begun>> begin(Actor actor, ContainerId cid, std::string action, Change apply);
  Task<Result<>> finish_begun(Result<Begun> begun);

  Store& store_;
  Devices& devices_;
  Driver& driver_;
  Clock& clock_;
  const secrets::Sealer& sealer_;
  StrangersPorts& strangers_;
  Remembered<ContainerProperty> known_;
};

}  // namespace berth
