#include "control/long_work.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "core/matlab_names.hpp"
#include "core/rules.hpp"

namespace berth {

// A class of MATLAB sessions that is being made: what is left of it, and how it went so far.
struct MatlabClass {
  int next = 0;
  int last = 0;
  int workers = 0;
  std::string session_id;
  OperationCount count;
  std::optional<Error> first_problem;
};

namespace {

constexpr int kMatlabAtOnce = 10;

std::optional<Error> problem_of(const Result<>& result) {
  return result ? std::nullopt : std::optional(result.error());
}

std::vector<std::string_view> with_doors(std::vector<std::string_view> steps) {
  steps.insert(steps.end(), kWatchedSteps.begin(), kWatchedSteps.end());
  return steps;
}

std::unexpected<Error> busy() {
  return fail(ErrorCode::kConflict, "another operation is working on it");
}

}  // namespace

Result<> LongWork::admit(const Actor& actor, ContainerId cid) const {
  const Operation* working = parts_.operations.working_on(cid);
  // To whoever may not see it, it is not there: the call itself says so.
  if (working != nullptr && actor.may_touch(working->owner) &&
      !Operations::only_watches(*working)) {
    return busy();
  }
  if (parts_.operations.running_of(actor.uid) >= limits::kOperationsAtOnce) {
    return fail(ErrorCode::kExhausted,
                "too many operations of yours are going on, wait for one to end");
  }
  return ok();
}

Operation LongWork::begin(OperationKind kind, const Actor& actor, const ContainerRow& row,
                          const Names& steps) {
  Operation operation{
      .kind = kind, .by = actor.uid, .owner = row.owner, .cid = row.cid, .subject = row.name};
  for (std::string_view name : steps) operation.steps.push_back({.name = name});
  return parts_.operations.begin(std::move(operation));
}

Task<Result<Operation>> LongWork::create(Actor actor, NewContainer wanted) {
  if (auto r = admit(actor, ContainerId{}); !r) co_return std::unexpected(r.error());
  auto row = co_await parts_.containers.begin_create(actor, std::move(wanted));
  if (!row) co_return std::unexpected(row.error());
  const Names steps = with_doors({"reserved", "creating", "starting"});
  Operation operation = begin(OperationKind::kCreate, actor, *row, steps);
  parts_.operations.begin_step(operation.oid, "reserved");
  parts_.operations.end_step(operation.oid, "reserved", true);
  parts_.background.start("create", finish_create(operation.oid, actor, row->cid));
  co_return parts_.operations.find(actor, operation.oid);
}

Task<> LongWork::finish_create(std::string oid, Actor actor, ContainerId cid) {
  auto made = co_await parts_.containers.finish_create(cid);
  if (!made) {
    parts_.operations.finish(oid, made.error());
    co_return;
  }
  co_await watch_doors(oid, actor, cid);
}

Task<Result<Operation>> LongWork::drive(OperationKind kind, Actor actor,
                                        Result<Containers::Begun> begun, Names steps) {
  if (!begun) co_return std::unexpected(begun.error());
  const Operation operation = begin(kind, actor, begun->row, steps);
  parts_.background.start("drive", finish(operation.oid, actor, std::move(*begun)));
  co_return operation;
}

Task<> LongWork::finish(std::string oid, Actor actor, Containers::Begun begun) {
  const ContainerId cid = begun.row.cid;
  const bool is_started = begun.row.wanted == Wanted::kRunning;
  auto done = co_await parts_.containers.finish(std::move(begun), &parts_.operations);
  if (done && is_started) {
    co_await watch_doors(oid, actor, cid);
  } else {
    parts_.operations.finish(oid, problem_of(done));
  }
}

Task<Result<Operation>> LongWork::start(Actor actor, ContainerId cid,
                                        std::optional<std::vector<GpuId>> gpus) {
  if (auto r = admit(actor, cid); !r) co_return std::unexpected(r.error());
  auto begun = co_await parts_.containers.begin_start(actor, cid, std::move(gpus));
  Names steps = with_doors({"starting"});
  if (begun && begun->row.rebuild) steps.insert(steps.begin(), "rebuilding");
  co_return co_await drive(OperationKind::kStart, actor, std::move(begun), std::move(steps));
}

Task<Result<Operation>> LongWork::stop(Actor actor, ContainerId cid) {
  if (auto r = admit(actor, cid); !r) co_return std::unexpected(r.error());
  auto begun = co_await parts_.containers.begin_stop(actor, cid);
  Names steps{"stopping"};
  co_return co_await drive(OperationKind::kStop, actor, std::move(begun), std::move(steps));
}

Task<Result<Operation>> LongWork::restart(Actor actor, ContainerId cid) {
  if (auto r = admit(actor, cid); !r) co_return std::unexpected(r.error());
  auto begun = co_await parts_.containers.begin_restart(actor, cid);
  Names steps = with_doors({"stopping", "starting"});
  co_return co_await drive(OperationKind::kRestart, actor, std::move(begun), std::move(steps));
}

Task<Result<Operation>> LongWork::remove(Actor actor, ContainerId cid) {
  if (auto r = admit(actor, cid); !r) co_return std::unexpected(r.error());
  auto begun = co_await parts_.containers.begin_remove(actor, cid);
  Names steps{"stopping", "removing"};
  if (begun && begun->row.state == State::kStopped) steps.erase(steps.begin());
  co_return co_await drive(OperationKind::kRemove, actor, std::move(begun), std::move(steps));
}

Task<bool> LongWork::answers(std::string_view step, ContainerRow row) {
  std::string ip = parts_.devices.place(row.did).probe_ip;
  if (ip.empty()) ip = parts_.probe_ip;
  if (step == kReachableStep)
    co_return co_await parts_.host.answers_ssh(std::move(ip), host_port(row, kSshPort));
  const int port = host_port(row, step == kJupyterStep ? kJupyterPort : kTensorboardPort);
  co_return co_await parts_.host.answers_http(std::move(ip), port);
}

// ssh, Jupyter and TensorBoard come up each in their own time. A container that runs and in which
// one of them does not is there all the same: its step says so.
Task<> LongWork::watch_doors(std::string oid, Actor actor, ContainerId cid) {
  Names shut(kWatchedSteps.begin(), kWatchedSteps.end());
  for (std::string_view step : shut) parts_.operations.begin_step(oid, step);
  const auto until = parts_.clock.steady() + limits::kReachable;
  while (parts_.clock.steady() < until && !parts_.background.stopping()) {
    auto found = co_await parts_.containers.look(actor, cid);
    const Operation* working = parts_.operations.working_on(cid);
    if (working == nullptr || working->oid != oid) co_return;  // another one has taken over
    if (!found) break;
    const ContainerRow& row = found->container;
    if (row.state == State::kStopped) {
      Error ended{ErrorCode::kRefused, "docker run failed", row.reason};
      parts_.operations.finish(oid, std::move(ended));
      co_return;
    }
    Names still_shut;
    for (std::string_view step : shut) {
      const bool is_open = co_await answers(step, row);
      if (is_open) parts_.operations.end_step(oid, step, true);
      if (!is_open) still_shut.push_back(step);
    }
    shut = std::move(still_shut);
    if (shut.empty()) break;
    co_await parts_.timers.sleep(limits::kReachablePoll);
  }
  for (std::string_view step : shut) parts_.operations.end_step(oid, step, false);
  parts_.operations.finish(oid, {});
}

Task<Result<Operation>> LongWork::save_image(Actor actor, ContainerId cid, std::string name,
                                             bool is_public) {
  if (auto r = admit(actor, cid); !r) co_return std::unexpected(r.error());
  auto found = co_await parts_.containers.look(actor, cid);
  if (!found) co_return std::unexpected(found.error());
  auto begun = co_await parts_.images.begin_save(actor, cid, std::move(name), is_public);
  if (!begun) co_return std::unexpected(begun.error());
  const Names steps{"saving", "measuring"};
  const Operation operation = begin(OperationKind::kSaveImage, actor, found->container, steps);
  parts_.operations.set_image(operation.oid, begun->image.iid);
  parts_.background.start("save image", finish_save(operation.oid, std::move(*begun)));
  co_return parts_.operations.find(actor, operation.oid);
}

Task<> LongWork::finish_save(std::string oid, Images::BegunSave begun) {
  parts_.operations.begin_step(oid, "saving");
  std::function<void()> on_saved = [this, oid] {
    parts_.operations.end_step(oid, "saving", true);
    parts_.operations.begin_step(oid, "measuring");
  };
  auto saved = co_await parts_.images.finish_save(std::move(begun), std::move(on_saved));
  if (!saved) parts_.operations.set_image(oid, ImageId{});
  parts_.operations.finish(oid, problem_of(saved));
}

Result<> LongWork::admit_matlab(const Actor& actor, int first, int last) const {
  if (!actor.is_admin()) return fail(ErrorCode::kForbidden, "only an admin may do this");
  if (parts_.matlab == nullptr) return fail(ErrorCode::kNotFound, "no MATLAB sessions here");
  for (int user = first; user <= last; ++user) {
    if (parts_.operations.working_on_matlab(user) != nullptr) return busy();
  }
  return ok();
}

Operation LongWork::begin_matlab(OperationKind kind, const Actor& actor, int first, int last,
                                 const Names& steps) {
  std::string subject = matlab_names::container_id(first);
  if (last != first) subject += " to " + matlab_names::container_id(last);
  Operation operation{.kind = kind,
                      .by = actor.uid,
                      .first_user = first,
                      .last_user = last,
                      .subject = std::move(subject)};
  for (std::string_view name : steps) operation.steps.push_back({.name = name});
  if (kind == OperationKind::kMatlabCreate)
    operation.count = OperationCount{.total = last - first + 1};
  return parts_.operations.begin(std::move(operation));
}

Task<Result<Operation>> LongWork::create_matlab(Actor actor, int first, int last,
                                                std::string session_id) {
  if (auto r = rules::check_session_id(session_id); !r) co_return std::unexpected(r.error());
  if (last < first) co_return fail(ErrorCode::kInvalid, "last: must not be less than first");
  if (auto r = admit_matlab(actor, first, last); !r) co_return std::unexpected(r.error());
  const Names steps{"creating"};
  const Operation operation = begin_matlab(OperationKind::kMatlabCreate, actor, first, last, steps);
  auto work = std::make_shared<MatlabClass>();
  work->next = first;
  work->last = last;
  work->session_id = std::move(session_id);
  work->count.total = last - first + 1;
  work->workers = std::min(kMatlabAtOnce, work->count.total);
  parts_.operations.begin_step(operation.oid, "creating");
  const int workers = work->workers;
  for (int i = 0; i < workers; ++i) {
    parts_.background.start("create MATLAB sessions", create_share(operation.oid, work));
  }
  co_return parts_.operations.find(actor, operation.oid);
}

// One of several that take from the same class until it is all made.
Task<> LongWork::create_share(std::string oid, std::shared_ptr<MatlabClass> work) {
  while (work->next <= work->last && !parts_.background.stopping()) {
    const int user = work->next++;
    auto made = co_await parts_.matlab->create(user, work->session_id);
    if (made) {
      ++work->count.done;
    } else {
      ++work->count.failed;
      if (!work->first_problem) work->first_problem = made.error();
    }
    parts_.operations.set_count(oid, work->count);
  }
  if (--work->workers == 0) parts_.operations.finish(oid, work->first_problem);
}

Task<Result<Operation>> LongWork::restart_matlab(Actor actor, int user) {
  if (auto r = admit_matlab(actor, user, user); !r) co_return std::unexpected(r.error());
  auto known = co_await parts_.matlab->find_session(user);
  if (!known) co_return std::unexpected(known.error());
  const Names steps{"restarting"};
  const Operation operation = begin_matlab(OperationKind::kMatlabRestart, actor, user, user, steps);
  parts_.background.start("restart MATLAB", finish_matlab(operation.oid, operation.kind, user));
  co_return operation;
}

Task<Result<Operation>> LongWork::remove_matlab(Actor actor, int user) {
  if (auto r = admit_matlab(actor, user, user); !r) co_return std::unexpected(r.error());
  auto known = co_await parts_.matlab->find_session(user);
  if (!known) co_return std::unexpected(known.error());
  const Names steps{"removing"};
  const Operation operation = begin_matlab(OperationKind::kMatlabRemove, actor, user, user, steps);
  parts_.background.start("end MATLAB", finish_matlab(operation.oid, operation.kind, user));
  co_return operation;
}

Task<> LongWork::finish_matlab(std::string oid, OperationKind kind, int user) {
  Result<> done = ok();
  if (kind == OperationKind::kMatlabRestart) {
    parts_.operations.begin_step(oid, "restarting");
    done = co_await parts_.matlab->restart(user);
  } else {
    parts_.operations.begin_step(oid, "removing");
    done = co_await parts_.matlab->destroy(user);
  }
  parts_.operations.finish(oid, problem_of(done));
}

}  // namespace berth
