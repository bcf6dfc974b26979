#include <algorithm>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "control/driver.hpp"
#include "control/driver_look.hpp"

namespace berth {
namespace {

constexpr int kLostAnswers = 3;

bool is_port_conflict(const Error& error) {
  return error.details.find("port is already allocated") != std::string::npos ||
         error.details.find("address already in use") != std::string::npos;
}

// The published port that the engine's message names, or 0.
int named_port(const ContainerRow& row, const std::string& message) {
  for (const PortRow& port : row.ports) {
    if (message.find(":" + std::to_string(port.host_port)) != std::string::npos)
      return port.host_port;
  }
  return 0;
}

bool is_rebuilding(Step step) { return step == Step::kCreateNext || step == Step::kStartNext; }
bool is_starting(Step step) { return step == Step::kCreate || step == Step::kStart; }

// What the person is told, in the engine's own words but for the commonest cause.
Error for_person(const ContainerRow& row, const Error& error) {
  std::string details = error.details.empty() ? error.message : error.details;
  if (is_port_conflict(error)) {
    const int port = named_port(row, error.details);
    if (port != 0) details = "port " + std::to_string(port) + " already in use";
  }
  return {ErrorCode::kRefused, "docker run failed", std::move(details)};
}

}  // namespace

Task<Result<>> Driver::after_failure(Step step, const Look& look, Error error, Attempt& attempt) {
  log(LogLevel::kWarn, "step failed",
      {{"cid", look.row.cid.value},
       {"step", to_string(step)},
       {"code", to_string(error.code)},
       {"error", error.message},
       {"details", error.details}});
  switch (error.code) {
    case ErrorCode::kUnavailable:
    case ErrorCode::kInternal:  // ours: it says nothing of the engine
      co_return std::unexpected(error);
    case ErrorCode::kUnknown:
      // It may have been done. Look again; after a few silences the device counts as gone.
      if (++attempt.lost_answers >= kLostAnswers) co_return std::unexpected(error);
      co_return ok();
    case ErrorCode::kConflict:
      // The name is still being given up by a container that is on its way out: look again.
      co_return co_await wait_for_engine(attempt, look);
    default:
      break;
  }
  const bool may_move =
      look.row.kind == ContainerKind::kWorkspace && !look.row.made && step == Step::kStart;
  if (may_move && is_port_conflict(error) && attempt.port_tries++ < limits::kPortTries) {
    if (int port = named_port(look.row, error.details)) parts_.strangers.avoid(look.row.did, port);
    co_return co_await move_to_other_ports(look);
  }
  attempt.failure = for_person(look.row, error);
  co_return co_await give_up(step, look, attempt);
}

Task<Result<>> Driver::give_up(Step step, const Look& look, Attempt& attempt) {
  const std::string reason = attempt.failure->details;
  if (is_rebuilding(step)) co_return co_await give_up_rebuild(look, reason);
  if (step == Step::kUnpause && look.row.wanted == Wanted::kRunning)
    co_return co_await give_up_unpause(look, reason);
  if (is_starting(step) && look.row.wanted == Wanted::kRunning)
    co_return co_await give_up_start(look, reason);
  co_return std::unexpected(
      *attempt.failure);  // a stop or a removal: still wanted, tried again later
}

// One that cannot be resumed is paused still, and has its cores, its memory and its GPUs.
Task<Result<>> Driver::give_up_unpause(const Look& look, std::string reason) {
  ContainerRow row = look.row;
  row.reason = std::move(reason);
  row.start_pending = false;
  co_return co_await save(row);
}

// What was never made is taken back whole; what has files stays, stopped.
Task<Result<>> Driver::give_up_start(const Look& look, std::string reason) {
  ContainerRow row = look.row;
  row.reason = std::move(reason);
  row.start_pending = false;
  row.holds = false;
  if (row.made) {
    row.wanted = Wanted::kStopped;
    row.state = State::kStopped;
  } else {
    row.wanted = Wanted::kGone;
  }
  co_return co_await save(row, "container.start_failed");
}

// The old container still has the files and stays as it was, with the GPUs it was made with.
Task<Result<>> Driver::give_up_rebuild(const Look& look, std::string reason) {
  if (auto r = co_await remove_next(look); !r) co_return r;
  ContainerRow row = look.row;
  if (look.current) row.gpus = Naming::built_gpus(look.current->labels);
  row.reason = std::move(reason);
  row.rebuild = false;
  row.start_pending = false;
  row.holds = false;
  row.wanted = Wanted::kStopped;
  row.state = State::kStopped;
  co_return co_await save(row, "container.start_failed");
}

Task<Result<>> Driver::take_back(ContainerId cid) {
  auto guard = co_await hold(cid);
  auto work = [cid](Transaction& tx) -> Result<> {
    auto row = tx.container(cid);
    if (!row) return ok();
    row->wanted = Wanted::kGone;
    row->start_pending = false;
    tx.update_container(*row);
    return ok();
  };
  auto marked = co_await parts_.store.write(work);
  if (!marked) {
    log(LogLevel::kError, "not taken back",
        {{"cid", cid.value}, {"error", marked.error().message}});
    co_return fail(ErrorCode::kUnknown, "whether it was made is not known", marked.error().message);
  }
  auto done = co_await settle_held(cid);
  if (!done)
    log(LogLevel::kWarn, "taken back later", {{"cid", cid.value}, {"error", done.error().message}});
  co_return ok();
}

// Ports are fixed when a container is made, so one that could not start is made anew with others.
Task<Result<>> Driver::move_to_other_ports(const Look& look) {
  if (auto r = co_await look.engine->remove(naming_.container(look.row, look.row.generation)); !r)
    co_return std::unexpected(r.error());
  auto avoided = parts_.strangers.avoided(look.row.did);
  // One stranger is rarely alone: on this machine all of them are known, and the next try finds a
  // free port.
  if (parts_.devices.place(look.row.did).is_here) avoided.merge(parts_.host.listening_ports());
  auto work = [cid = look.row.cid, avoided](Transaction& tx) -> Result<> {
    auto row = tx.container(cid);
    if (!row) return ok();
    auto device = tx.device(row->did);
    if (!device) return fail(ErrorCode::kNotFound, "no device");
    if (auto r = assign_host_ports(tx, *device, avoided, row->ports); !r) return r;
    tx.update_container(*row);
    return ok();
  };
  co_return co_await parts_.store.write(work);
}

}  // namespace berth
