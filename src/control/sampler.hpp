#pragma once

#include <chrono>
#include <map>
#include <optional>

#include "async/background.hpp"
#include "async/timers.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "control/devices.hpp"
#include "control/driver.hpp"
#include "host/host.hpp"
#include "store/store.hpp"

namespace berth {

struct Usage {
  double cpu_percent = 0;  // 100 = one core
  std::int64_t memory_bytes = 0;
  std::int64_t memory_limit_bytes = 0;
};

// The figures of every running MATLAB session, taken once a second for whoever asks: from this
// machine's counters where they can be read, else from the engine. Nobody waits for a sample.
class Sampler {
 public:
  Sampler(Store& store, Devices& devices, Driver& driver, Host& host, Clock& clock, Timers& timers,
          Background& background);

  void start();
  // Nothing when there is no figure of the last two seconds yet.
  std::optional<Usage> usage(ContainerId cid) const;

 private:
  struct Watched {
    std::int64_t pid = 0;  // 0 = not known, or not on this machine
    WallTime started_at{};
    EngineStats last;
    std::chrono::milliseconds taken_at{0};
    bool has_last = false;
    bool asking = false;  // the engine is being asked
    std::optional<Usage> usage;
  };

  Task<> run();
  Task<> sweep();
  Task<> ask_engine(ContainerRow row);
  void take(Watched& watched, const EngineStats& stats);

  Store& store_;
  Devices& devices_;
  Driver& driver_;
  Host& host_;
  Clock& clock_;
  Timers& timers_;
  Background& background_;
  std::map<ContainerId, Watched> watched_;
};

}  // namespace berth
