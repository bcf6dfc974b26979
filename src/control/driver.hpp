#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "async/keyed_lock.hpp"
#include "async/timers.hpp"
#include "control/devices.hpp"
#include "control/host_ports.hpp"
#include "control/naming.hpp"
#include "control/spec_maker.hpp"
#include "control/step_watcher.hpp"
#include "core/life_cycle.hpp"
#include "engine/engine.hpp"
#include "host/host.hpp"
#include "secrets/seal.hpp"
#include "store/store.hpp"

namespace berth {

// Brings an engine's container to what its row wants, one step at a time, asking both again after
// each (core/life_cycle decides the step). Requests, engine events and recovery after a crash all
// come here; one at a time for a container.
class Driver {
 public:
  struct Parts {
    Store& store;
    Devices& devices;
    Host& host;
    Clock& clock;
    Timers& timers;
    const secrets::Sealer& sealer;
    StrangersPorts& strangers;
    StepWatcher* watcher = nullptr;
  };

  Driver(Parts parts, Naming naming, ContainerShape shape);

  // For a request that changes the row: nobody else works on this container until the guard goes.
  Task<KeyedLock::Guard> hold(ContainerId cid);

  // The steps until the row is as wanted. An error says why it is not:
  //   kRefused                the engine said no, in its words; the row is consistent again and
  //   holds nothing kUnavailable, kUnknown  the device does not answer; the row stays as it is, and
  //   recovery goes on later
  Task<Result<>> settle_held(ContainerId cid);
  Task<Result<>> settle(ContainerId cid);

  // After a failure to create: nothing stays that was asked for. What cannot be removed now,
  // because its device is silent, is marked, and goes when the device answers. An error: even that
  // could not be written down, and what was asked for may appear yet.
  Task<Result<>> take_back(ContainerId cid);

  const Naming& naming() const { return naming_; }

 private:
  struct Look;     // one row and what its engine says of it
  struct Attempt;  // what happened so far in one settling

  // In driver_look.cpp.
  Task<Result<std::optional<Look>>> look_at(ContainerId cid);
  Task<Result<>> see(Look& look);

  bool needs_proof(Step step, const Look& look, const Attempt& attempt) const;
  Task<Result<>> wait_for_engine(Attempt& attempt, const Look& look);

  Task<Result<>> perform_watched(Step step, const Look& look, Attempt& attempt);
  Task<Result<>> perform(Step step, const Look& look, Attempt& attempt);
  Task<Result<>> create(const Look& look, int generation, std::string image);
  Result<> make_folders(const Look& look);
  Task<Result<>> start(const Look& look, int generation);
  Task<Result<>> close_folder(const Look& look, std::string name);
  Task<Result<>> remove(const Look& look, Attempt& attempt);
  Task<Result<>> mark(const Look& look, State state);
  Task<Result<>> mark_lost(const Look& look, Attempt& attempt);
  // With `event`, what happened by itself goes to the audit with the row's reason.
  Task<Result<>> save(ContainerRow row, std::string event = {});
  Task<Result<>> forget(ContainerId cid);
  WallTime started_at(const std::optional<ContainerSeen>& seen) const;

  // In driver_rebuild.cpp.
  Task<Result<>> create_next(const Look& look);
  Task<Result<>> adopt_next(const Look& look);
  Task<Result<>> remove_next(const Look& look);

  // After a step failed; an error of its own ends the settling. In driver_failure.cpp.
  Task<Result<>> after_failure(Step step, const Look& look, Error error, Attempt& attempt);
  Task<Result<>> give_up(Step step, const Look& look, Attempt& attempt);
  Task<Result<>> give_up_rebuild(const Look& look, std::string reason);
  Task<Result<>> give_up_start(const Look& look, std::string reason);
  Task<Result<>> give_up_unpause(const Look& look, std::string reason);
  Task<Result<>> move_to_other_ports(const Look& look);

  Parts parts_;
  Naming naming_;
  ContainerShape shape_;
  KeyedLock locks_;
};

}  // namespace berth
