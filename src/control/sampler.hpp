#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "async/background.hpp"
#include "async/timers.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "control/devices.hpp"
#include "control/driver.hpp"
#include "core/usage_series.hpp"
#include "host/host.hpp"
#include "store/store.hpp"

namespace berth {

struct Usage {
  double cpu_percent = 0;  // 100 = one core; of a device: all of it
  std::int64_t memory_bytes = 0;
  std::int64_t memory_limit_bytes = 0;
  WallTime at{};
};

// The figures of every running container, taken once a second for whoever asks, from this machine's
// counters where they can be read. Nobody waits for a sample. Of what is on another machine, and of
// a MATLAB session whose counters cannot be read, the engine is asked, more seldom. Of workspaces
// the last hour is remembered.
class Sampler {
 public:
  Sampler(Store& store, Devices& devices, Driver& driver, Host& host, Clock& clock, Timers& timers,
          Background& background);

  // `local`: the device that is this machine.
  void start(DeviceId local);
  // One round over all that run; `start` goes on with it.
  Task<> sample_once();
  // Nothing when there is no figure of the last two seconds yet.
  std::optional<Usage> usage(ContainerId cid) const;
  std::vector<UsageSample> series(ContainerId cid, WallTime since) const;
  // What the whole machine uses, Berth's containers or not.
  std::optional<Usage> device_load(DeviceId did) const;

 private:
  struct Watched {
    std::int64_t pid = 0;  // 0 = not known, or not on this machine
    WallTime started_at{};
    EngineStats last;
    std::chrono::milliseconds taken_at{0};
    bool has_last = false;
    bool asking = false;  // the engine is being asked
    std::chrono::milliseconds ask_again_at{0};
    std::optional<Usage> usage;
  };

  Task<> run();
  Task<> refresh_running();
  void sample(const ContainerRow& row);
  void sample_machine();
  Task<> ask_engine(ContainerRow row);
  void take(Watched& watched, const EngineStats& stats);
  void remember(const ContainerRow& row, const Watched& watched);

  Store& store_;
  Devices& devices_;
  Driver& driver_;
  Host& host_;
  Clock& clock_;
  Timers& timers_;
  Background& background_;
  DeviceId local_;
  std::vector<ContainerRow> running_;
  std::optional<std::uint64_t> running_as_of_;  // store_.writes() when they were read
  std::map<ContainerId, Watched> watched_;
  std::map<ContainerId, UsageSeries> series_;  // of workspaces; some hours after they ended too
  int asked_ = 0;                              // engines, at present
  std::optional<MachineCounters> machine_last_;
  std::optional<Usage> machine_;
};

}  // namespace berth
