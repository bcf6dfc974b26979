#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>

#include "async/background.hpp"
#include "async/timers.hpp"
#include "base/clock.hpp"
#include "control/accounts.hpp"
#include "control/api_tokens.hpp"
#include "control/changes.hpp"
#include "control/containers.hpp"
#include "control/devices.hpp"
#include "control/driver.hpp"
#include "control/gpu_sampler.hpp"
#include "control/history.hpp"
#include "control/images.hpp"
#include "control/long_work.hpp"
#include "control/matlab.hpp"
#include "control/operations.hpp"
#include "control/reconciler.hpp"
#include "control/sampler.hpp"
#include "control/terminals.hpp"
#include "control/told_store.hpp"
#include "host/host.hpp"
#include "secrets/password_gate.hpp"
#include "secrets/seal.hpp"
#include "store/store.hpp"

namespace berth {

// All of the work over one database and its engines: every part, built in the order in which they
// stand on each other. Coroutines use them until the executor stops, so it outlives that.
struct Control {
  struct Ground {
    boost::asio::any_io_executor executor;
    Store& store;
    Host& host;
    Clock& clock;
    Timers& timers;
    const secrets::Sealer& sealer;
  };
  struct Rules {
    std::string installation;
    ContainerShape shape;
    AccountRules accounts;
    MatlabRules matlab;
    bool has_matlab = true;
    std::vector<DeviceId> here{};  // whose figures `host` can read
    std::string probe_ip;          // where workspaces' published ports answer from here
  };

  Control(Ground ground, const Rules& rules);

  // From now on each device is watched, and those that are here measured.
  void start(const std::vector<DeviceId>& all);
  Matlab* matlab_if_any() { return has_matlab ? &matlab : nullptr; }

  Clock& clock;
  Timers& timers;
  Background background;
  Changes changes;
  ToldStore store;
  Operations operations;
  secrets::PasswordGate gate;
  Accounts accounts;
  ApiTokens api_tokens;
  Devices devices;
  StrangersPorts strangers;
  Driver driver;
  Images images;
  Containers containers;
  Reconciler reconciler;
  Sampler sampler;
  GpuSampler gpu_sampler;
  Matlab matlab;
  bool has_matlab;
  Terminals terminals;
  History history;
  LongWork long_work;
};

}  // namespace berth
