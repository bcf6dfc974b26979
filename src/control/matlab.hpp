#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "async/semaphore.hpp"
#include "async/task.hpp"
#include "base/clock.hpp"
#include "control/devices.hpp"
#include "control/driver.hpp"
#include "control/sampler.hpp"
#include "host/host.hpp"
#include "store/store.hpp"

namespace berth {

struct MatlabRules {
  DeviceId device;
  int cpu_cores = 2;
  std::int64_t memory_mb = 4096;
  std::size_t creates_at_once = 10;
  std::string probe_ip = "127.0.0.1";  // where the published ports answer from here
};

enum class MatlabOutcome { kCreated, kStarted, kAlreadyRunning };

struct MatlabSession {
  ContainerRow container;
  MatlabOutcome outcome = MatlabOutcome::kCreated;
};

struct MatlabHealth {
  ContainerRow container;
  std::optional<Usage> usage;
  bool web = false;
  bool websocket = false;
};

// One user, one container, one session. The name and the ports follow from the user's number; the
// data folder outlives every container. Sessions over-commit the machine on purpose: the contract
// refuses none for capacity.
class Matlab {
 public:
  Matlab(Store& store, Devices& devices, Driver& driver, Sampler& sampler, Host& host, Clock& clock,
         MatlabRules rules);

  // May be called again: creates, starts a stopped one, or says that it runs. Waits its turn when
  // many are made.
  Task<Result<MatlabSession>> create(int user, std::string session_id);
  Task<Result<>> destroy(int user);  // kNotFound
  Task<Result<>> restart(int user);  // kNotFound
  Task<Result<MatlabHealth>> health(int user);
  Task<Result<std::vector<ContainerRow>>> list();     // ascending by user
  Task<Result<ContainerRow>> find_session(int user);  // kNotFound

  // For a page: everything that is known now, and nobody is waited for. What is not known any more
  // is probed in the background, and `changes` hears when it comes out otherwise than before.
  struct OnBoard {
    ContainerRow container;
    std::optional<Usage> usage;
    std::optional<bool> web;
    std::optional<bool> websocket;
  };
  Task<Result<std::vector<OnBoard>>> board(Background& background, Changes& changes);

 private:
  Task<Result<std::optional<ContainerRow>>> find(int user);
  Task<Result<MatlabSession>> reserve(int user, std::string session_id);

  struct Probed {
    bool web = false;
    bool websocket = false;
    std::chrono::milliseconds at{0};
  };
  Task<Probed> probe(ContainerRow row);
  Task<> probe_web(const ContainerRow& row, Probed& into);
  Task<> probe_websocket(const ContainerRow& row, Probed& into);
  Task<> probe_again(ContainerRow row, Changes& changes);

  Store& store_;
  Devices& devices_;
  Driver& driver_;
  Sampler& sampler_;
  Host& host_;
  Clock& clock_;
  MatlabRules rules_;
  Semaphore creating_;
  KeyedLock slots_;
  std::map<ContainerId, Probed> probed_;
  std::set<ContainerId> being_probed_;
};

}  // namespace berth
