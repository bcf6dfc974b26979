#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "async/background.hpp"
#include "async/timers.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "control/changes.hpp"
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

// The figures of the running containers of devices that are here, taken once a second for whoever
// asks, from this machine's counters. Nobody waits for a sample. Of what runs on another machine,
// and of a MATLAB session whose counters cannot be read, the engine is asked, more seldom and not
// of too many at once. Of workspaces the last hour is remembered. Which containers run it keeps in
// mind: the store is asked about those that have changed, and once a minute about all, should one
// have been missed.
class Sampler {
 public:
  // `here`: the devices that `host` can read, which is this machine.
  Sampler(Store& store, Changes& changes, Devices& devices, Driver& driver, Host& host,
          Clock& clock, Timers& timers, Background& background, const std::vector<DeviceId>& here);

  void start();
  // One round over all that run; `start` goes on with it.
  Task<> sample_once();
  // Nothing when there is no figure of the last two seconds yet.
  std::optional<Usage> usage(ContainerId cid) const;
  std::vector<UsageSample> series(ContainerId cid, WallTime since) const;
  // What the whole machine uses, Berth's containers or not.
  std::optional<Usage> device_load(DeviceId did) const;
  // Whether figures of what runs there can be known at all.
  bool is_here(DeviceId did) const { return machines_.contains(did); }
  bool is_elsewhere(DeviceId did) const { return !devices_.place(did).is_here; }

 private:
  struct Watched {
    ContainerRow row;
    std::int64_t pid = 0;  // 0 = not known, or not on this machine
    EngineStats last;
    std::chrono::milliseconds taken_at{0};
    bool has_last = false;
    bool asking = false;  // the engine is being asked
    std::chrono::milliseconds ask_again_at{0};
    std::optional<Usage> usage;
  };
  struct WatchedMachine {
    std::optional<MachineCounters> last;
    std::optional<Usage> usage;
  };

  // What the store has to be asked about.
  struct Changed {
    bool all = false;
    std::set<ContainerId> cids;
    std::set<int> slots;

    bool has(const ContainerRow& row) const;
  };

  void note(const Change& change);
  Task<> run();
  Task<> catch_up();
  std::vector<ContainerRow> read(Transaction& tx, const Changed& changed) const;
  bool is_to_sample(const ContainerRow& row) const;
  void watch(const ContainerRow& row);
  void sample(Watched& watched);
  void sample_machine(DeviceId did, WatchedMachine& machine);
  Task<> ask_engine(ContainerRow row);
  void take(Watched& watched, const EngineStats& stats);

  Store& store_;
  Devices& devices_;
  Driver& driver_;
  Host& host_;
  Clock& clock_;
  Timers& timers_;
  Background& background_;
  Changed changed_{.all = true};
  std::chrono::milliseconds read_all_at_{0};
  std::shared_ptr<Changes::Subscription> subscription_;
  std::map<ContainerId, Watched> watched_;       // those that run
  std::map<ContainerId, UsageSeries> series_;    // of workspaces; some hours after they ended too
  std::map<DeviceId, WatchedMachine> machines_;  // that are here
  int asked_elsewhere_ = 0;                      // containers, at present
};

}  // namespace berth
