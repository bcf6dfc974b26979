#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "async/background.hpp"
#include "async/chores.hpp"
#include "async/semaphore.hpp"
#include "async/timers.hpp"
#include "base/limits.hpp"
#include "control/devices.hpp"
#include "control/driver.hpp"
#include "control/images.hpp"
#include "store/store.hpp"

namespace berth {

// Follows every engine and keeps rows and engines in agreement: each event about one of our
// containers drives that container, and each (re)connection, and every half minute, drives all of
// them and sweeps what has no row any more. A listing decides nothing by itself: it only says whom
// to ask about. A call that hangs holds up nothing but what it is about.
class Reconciler {
 public:
  Reconciler(Store& store, Devices& devices, Driver& driver, Images& images, Timers& timers,
             Background& background);

  void watch(DeviceId did);    // starts following; until the background stops
  void poke(ContainerId cid);  // drive it soon, in the background
  Task<> reconcile(DeviceId did);

 private:
  Task<> follow(DeviceId did);
  Task<> follow_once(DeviceId did, std::shared_ptr<Engine> engine);
  Task<> repeat(DeviceId did);
  Task<> drive_pokes(ContainerId cid);
  Task<Result<>> trust(DeviceId did, std::shared_ptr<Engine> engine);

  Task<> settle_all(DeviceId did);
  Task<> settle(ContainerId cid);
  Task<> sweep(DeviceId did, std::shared_ptr<Engine> engine);
  Task<> sweep_container(std::shared_ptr<Engine> engine, ListedContainer listed);
  Task<> sweep_hidden_image(std::shared_ptr<Engine> engine, std::string tag);
  Task<Result<bool>> is_wanted(Naming::Owner owner);

  Store& store_;
  Devices& devices_;
  Driver& driver_;
  Images& images_;
  Timers& timers_;
  Background& background_;
  Semaphore turns_{limits::kReconcileDevicesAtOnce, limits::kDevices};
  std::set<DeviceId> has_turn_;
  Chores chores_;
  std::map<ContainerId, bool> poked_;  // value: poked again while it was being driven
};

}  // namespace berth
