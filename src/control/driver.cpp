#include "control/driver.hpp"

#include "base/limits.hpp"
#include "base/log.hpp"
#include "base/time_text.hpp"
#include "control/audit.hpp"
#include "control/driver_look.hpp"
#include "secrets/tar.hpp"
#include "secrets/workspace_credentials.hpp"

namespace berth {
namespace {

constexpr auto kBusyPoll = std::chrono::milliseconds(100);

std::string reason_of_end(const ContainerRow& row, const ContainerSeen& seen) {
  if (row.wanted == Wanted::kStopped) return "stopped on request";
  if (seen.oom_killed) return "out of memory";
  return "ended by itself, exit code " + std::to_string(seen.exit_code);
}

}  // namespace

Driver::Driver(Parts parts, Naming naming, ContainerShape shape)
    : parts_(parts), naming_(std::move(naming)), shape_(std::move(shape)) {}

Task<KeyedLock::Guard> Driver::hold(ContainerId cid) {
  co_return co_await locks_.acquire(cid.value);
}

Task<Result<>> Driver::settle(ContainerId cid) {
  auto guard = co_await hold(cid);
  co_return co_await settle_held(cid);
}

Task<Result<>> Driver::settle_held(ContainerId cid) {
  Attempt attempt;
  for (int i = 0; i - attempt.waits < limits::kDriverSteps; ++i) {
    auto look = co_await look_at(cid);
    if (!look) co_return std::unexpected(look.error());
    if (!*look) co_return attempt.outcome();
    const Step step = next_step((*look)->facts);
    if (step == Step::kNone) co_return attempt.outcome();
    if (step == Step::kWait) {
      if (auto r = co_await wait_for_engine(attempt, **look); !r) co_return r;
      continue;
    }
    if (needs_proof(step, **look, attempt)) {
      auto confirmed = co_await parts_.devices.confirm_engine((*look)->row.did);
      if (!confirmed) co_return confirmed;
    }
    log(LogLevel::kDebug, "step", {{"cid", cid.value}, {"step", to_string(step)}});
    auto done = co_await perform_watched(step, **look, attempt);
    if (done) continue;
    if (auto r = co_await after_failure(step, **look, done.error(), attempt); !r) co_return r;
  }
  log(LogLevel::kError, "container does not settle", {{"cid", cid.value}});
  co_return fail(ErrorCode::kInternal, "the container does not come to rest");
}

// What follows from an engine's "no such container" follows from its own engine's word only; the
// one that has just taken the container away is that. Making one anew does as well, but for the
// first time on a device that is watched.
bool Driver::needs_proof(Step step, const Look& look, const Attempt& attempt) const {
  if (step == Step::kForget) return !attempt.has_removed;
  if (step == Step::kMarkLost) return true;
  return !parts_.devices.is_reachable(look.row.did) || attempt.lost_answers > 0;
}

Task<Result<>> Driver::wait_for_engine(Attempt& attempt, const Look& look) {
  const auto now = parts_.clock.steady();
  if (!attempt.busy_since) attempt.busy_since = now;
  if (now - *attempt.busy_since > limits::kEngineBusy) {
    log(LogLevel::kWarn, "engine stays busy", {{"cid", look.row.cid.value}});
    co_return fail(ErrorCode::kUnavailable, "the engine is still busy with this container");
  }
  ++attempt.waits;
  co_await parts_.timers.sleep(kBusyPoll);
  co_return ok();
}

Task<Result<>> Driver::perform_watched(Step step, const Look& look, Attempt& attempt) {
  StepWatcher* watcher = parts_.watcher;
  if (watcher != nullptr) watcher->step_began(look.row.cid, step);
  attempt.has_removed = false;
  auto done = co_await perform(step, look, attempt);
  if (watcher != nullptr) watcher->step_ended(look.row.cid, step, done.has_value());
  co_return done;
}

Task<Result<>> Driver::perform(Step step, const Look& look, Attempt& attempt) {
  const std::string name = naming_.container(look.row, look.row.generation);
  switch (step) {
    case Step::kCreate:
      co_return co_await create(look, look.row.generation, look.image);
    case Step::kStart:
      // Confirmed at once: one that ends right away has been started, and is not started again and
      // again.
      if (auto r = co_await start(look, look.row.generation); !r) co_return r;
      co_return co_await mark(look, State::kRunning);
    case Step::kUnpause:
      co_return co_await look.engine->unpause(name);
    case Step::kStop:
      co_return co_await look.engine->stop(name, limits::kEngineStopGrace);
    case Step::kRemove:
      co_return co_await remove(look, attempt);
    case Step::kForget:
      co_return co_await forget(look.row.cid);
    case Step::kMarkRunning:
      co_return co_await mark(look, State::kRunning);
    case Step::kMarkPaused:
      co_return co_await mark(look, State::kPaused);
    case Step::kMarkStopped:
      co_return co_await mark(look, State::kStopped);
    case Step::kMarkLost:
      co_return co_await mark_lost(look, attempt);
    case Step::kCreateNext:
      co_return co_await create_next(look);
    case Step::kStartNext:
      if (auto r = co_await start(look, look.row.generation + 1); !r) co_return r;
      co_return co_await adopt_next(look);
    case Step::kAdoptNext:
      co_return co_await adopt_next(look);
    case Step::kRemoveNext:
      co_return co_await remove_next(look);
    case Step::kNone:
    case Step::kWait:
      break;
  }
  co_return ok();
}

Task<Result<>> Driver::create(const Look& look, int generation, std::string image) {
  if (look.name_taken) {
    co_return fail(ErrorCode::kRefused, "docker run failed",
                   "the name " + naming_.container(look.row, generation) +
                       " is taken by a container that this Berth did not make");
  }
  if (auto r = make_folders(look); !r) co_return r;
  const DevicePlace place = parts_.devices.place(look.row.did);
  SpecRows rows = look.spec_rows(std::move(image));
  rows.is_here = place.is_here;
  ContainerShape shape = shape_;
  if (!place.publish_ip.empty()) shape.publish_ip = place.publish_ip;
  auto made = co_await look.engine->create(make_spec(rows, naming_, shape, generation));
  if (!made) co_return std::unexpected(made.error());
  co_return ok();
}

// On this machine they are made here; on another one the engine makes the folder that is missing.
Result<> Driver::make_folders(const Look& look) {
  const ContainerRow& row = look.row;
  if (row.kind == ContainerKind::kMatlab)
    return parts_.host.make_matlab_folders(shape_.matlab_data_root, row.slot);
  if (!parts_.devices.place(row.did).is_here) return ok();
  const std::string folder = naming_.data_folder(row.cid);
  if (!row.made) {
    auto unused = parts_.host.check_workspace_unused(look.device.data_dir, folder);
    if (!unused) return unused;
  }
  return parts_.host.make_workspace_folder(look.device.data_dir, folder);
}

// The secret is uploaded between create and start, as hashes: it is in no environment, no inspect
// and no process list.
Task<Result<>> Driver::start(const Look& look, int generation) {
  const std::string name = naming_.container(look.row, generation);
  if (look.row.kind == ContainerKind::kWorkspace && !look.row.made) {
    auto password = parts_.sealer.open(look.row.sealed_password, naming_.data_folder(look.row.cid));
    if (!password) co_return std::unexpected(password.error());
    auto archive = secrets::workspace_credentials(*password);
    if (!archive) co_return std::unexpected(archive.error());
    if (auto r = co_await look.engine->put_archive(name, "/", *archive); !r) co_return r;
    if (auto r = co_await close_folder(look, name); !r) co_return r;
  }
  co_return co_await look.engine->start(name);
}

// A folder that an engine has made can be read by everybody on its machine: before anything is in
// it, it becomes the container's alone.
Task<Result<>> Driver::close_folder(const Look& look, std::string name) {
  if (parts_.devices.place(look.row.did).is_here) co_return ok();
  std::string archive =
      secrets::tar_with_folder(std::string_view(kWorkspaceFolder).substr(1), 0700);
  co_return co_await look.engine->put_archive(std::move(name), "/", std::move(archive));
}

// With the hidden image it stands on, if it was rebuilt; one that stays behind is swept.
Task<Result<>> Driver::remove(const Look& look, Attempt& attempt) {
  const int generation = look.row.generation;
  auto removed = co_await look.engine->remove(naming_.container(look.row, generation));
  if (!removed) co_return std::unexpected(removed.error());
  attempt.has_removed = removed->was_there;
  if (generation == 1) co_return ok();
  const std::string image = naming_.rebuild_image(look.row.cid, generation);
  if (auto r = co_await look.engine->remove_image(image);
      !r && r.error().code != ErrorCode::kNotFound) {
    log(LogLevel::kWarn, "old image left for the sweep",
        {{"image", image}, {"error", r.error().details}});
  }
  co_return ok();
}

// The engine's word for one that runs; for one that was started just now, now.
WallTime Driver::started_at(const std::optional<ContainerSeen>& seen) const {
  const bool runs =
      seen && (seen->state == EngineState::kRunning || seen->state == EngineState::kPaused);
  return (runs ? parse_rfc3339(seen->started_at) : std::nullopt).value_or(parts_.clock.now());
}

Task<Result<>> Driver::mark(const Look& look, State state) {
  ContainerRow row = look.row;
  row.state = state;
  row.start_pending = false;
  row.made = true;
  std::string event;
  if (state == State::kStopped) {
    if (look.row.wanted != Wanted::kStopped) event = "container.ended";
    row.reason = look.current ? reason_of_end(row, *look.current) : row.reason;
    row.wanted = Wanted::kStopped;
    row.holds = false;
    // Stopped half-way to other GPUs: it is still made with the ones it had.
    if (row.rebuild && look.current) row.gpus = Naming::built_gpus(look.current->labels);
    row.rebuild = false;
  } else {
    if (state == State::kPaused) event = "container.paused";
    row.reason = state == State::kPaused ? "paused outside Berth" : "";
    row.started_at = started_at(look.current);
  }
  co_return co_await save(row, std::move(event));
}

// A workspace keeps its row, so that its owner learns what happened and where the data is; a MATLAB
// session is replaceable.
Task<Result<>> Driver::mark_lost(const Look& look, Attempt& attempt) {
  ContainerRow row = look.row;
  log(LogLevel::kWarn, "container is gone from its engine", {{"cid", row.cid.value}});
  if (row.kind == ContainerKind::kMatlab) {
    co_return co_await forget(row.cid);
  }
  row.reason = "removed outside Berth; the files in /workspace are kept";
  if (row.start_pending) {
    attempt.failure =
        Error{ErrorCode::kRefused, "docker run failed",
              "the container was removed outside Berth; its files in /workspace are kept"};
  }
  row.state = State::kStopped;
  row.wanted = Wanted::kStopped;
  row.start_pending = false;
  row.holds = false;
  row.rebuild = false;
  co_return co_await save(row, "container.lost");
}

Task<Result<>> Driver::forget(ContainerId cid) {
  auto work = [cid](Transaction& tx) -> Result<> {
    tx.delete_container(cid);
    return ok();
  };
  co_return co_await parts_.store.write(work);
}

Task<Result<>> Driver::save(ContainerRow row, std::string event) {
  const WallTime now = parts_.clock.now();
  auto work = [row, event, now](Transaction& tx) -> Result<> {
    tx.update_container(row);
    if (!event.empty()) {
      audit(tx, now, {}, event, "cid " + std::to_string(row.cid.value), row.reason);
    }
    return ok();
  };
  co_return co_await parts_.store.write(work);
}

}  // namespace berth
