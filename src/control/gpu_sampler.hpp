#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/background.hpp"
#include "async/timers.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "core/usage_series.hpp"
#include "host/host.hpp"
#include "store/store.hpp"

namespace berth {

// Null where the card does not tell.
struct GpuUsage {
  std::optional<double> busy_percent;
  std::optional<std::int64_t> memory_bytes;
  std::optional<std::int64_t> memory_total_bytes;
  WallTime at{};
};

// What this machine's GPUs do, asked every few seconds for whoever looks, and of the last hour what
// each did in the hands of each workspace. Cards of other machines cannot be read.
class GpuSampler {
 public:
  // `here`: the devices whose cards `host` can read.
  GpuSampler(Store& store, Host& host, Clock& clock, Timers& timers, Background& background,
             std::vector<DeviceId> here);

  void start();
  // One round over all cards, which `start` goes on with; false where nothing could be told.
  Task<bool> sample_once();

  // Nothing when the last figure is old, whatever keeps the next from coming.
  std::optional<GpuUsage> usage(GpuId gid) const;
  std::vector<UsageSample> series(ContainerId cid, GpuId gid, WallTime since) const;

 private:
  struct Known {
    GpuUsage usage;
    std::chrono::milliseconds taken_at{0};
  };
  // What the rows say of the cards here.
  struct Cards {
    std::map<std::string, GpuId> by_uuid;
    std::map<GpuId, ContainerId> holders;  // workspaces that run
  };

  Task<> run();
  Task<> read_cards();
  void take(const GpuLoad& load);
  void say_once(const Error& why);

  Store& store_;
  Host& host_;
  Clock& clock_;
  Timers& timers_;
  Background& background_;
  std::vector<DeviceId> here_;
  Cards cards_;
  std::optional<std::uint64_t> cards_as_of_;  // store_.writes() when they were read
  std::map<GpuId, Known> known_;
  std::map<std::pair<ContainerId, GpuId>, UsageSeries> series_;
  std::optional<Error> failure_;  // of the last round, which has been logged
};

}  // namespace berth
