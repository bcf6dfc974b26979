#include "control/operations.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "secrets/tokens.hpp"

namespace berth {
namespace {

constexpr std::size_t kMostSteps = 16;

// What people see of the driver's steps; nothing of those that only write down.
std::string_view step_name(Step step) {
  switch (step) {
    case Step::kCreate:
      return "creating";
    case Step::kStart:
    case Step::kStartNext:
    case Step::kUnpause:
      return "starting";
    case Step::kCreateNext:
      return "rebuilding";
    case Step::kStop:
      return "stopping";
    case Step::kRemove:
      return "removing";
    default:
      return {};
  }
}

OperationStep* find_step(Operation& operation, std::string_view name) {
  auto found = std::ranges::find(operation.steps, name, &OperationStep::name);
  return found == operation.steps.end() ? nullptr : &*found;
}

bool is_watched(std::string_view name) {
  return std::ranges::find(kWatchedSteps, name) != kWatchedSteps.end();
}

}  // namespace

Operations::Operations(Clock& clock, Changes& changes)
    : clock_(clock), changes_(changes), run_(secrets::random_hex(4)) {}

const Operation& Operations::begin(Operation operation) {
  forget_old();
  operation.number = ++last_number_;
  operation.oid = run_ + "-" + std::to_string(operation.number);
  operation.started_at = clock_.now();
  if (operation.cid) {
    if (const Operation* older = working_on(operation.cid)) finish(std::string(older->oid), {});
    by_container_[operation.cid] = operation.oid;
  }
  all_.push_back(std::move(operation));
  tell(all_.back());
  return all_.back();
}

Operation* Operations::get(const std::string& oid) {
  auto found = std::ranges::find(all_, oid, &Operation::oid);
  return found == all_.end() ? nullptr : &*found;
}

void Operations::begin_step(const std::string& oid, std::string_view name) {
  Operation* operation = get(oid);
  if (operation == nullptr || operation->state != Progress::kRunning) return;
  OperationStep* step = find_step(*operation, name);
  if (step == nullptr) {
    if (operation->steps.size() >= kMostSteps) return;
    // Before what has not begun yet.
    auto place = std::ranges::find(operation->steps, Progress::kPending, &OperationStep::state);
    step = &*operation->steps.insert(place, OperationStep{.name = name});
  }
  step->state = Progress::kRunning;
  if (!step->started_at) step->started_at = clock_.now();
  step->ended_at.reset();
  tell(*operation);
}

void Operations::end_step(const std::string& oid, std::string_view name, bool is_done) {
  Operation* operation = get(oid);
  if (operation == nullptr || operation->state != Progress::kRunning) return;
  OperationStep* step = find_step(*operation, name);
  if (step == nullptr) return;
  step->state = is_done ? Progress::kDone : Progress::kFailed;
  step->ended_at = clock_.now();
  tell(*operation);
}

void Operations::set_image(const std::string& oid, ImageId iid) {
  if (Operation* operation = get(oid)) operation->iid = iid;
}

void Operations::set_count(const std::string& oid, OperationCount count) {
  Operation* operation = get(oid);
  if (operation == nullptr) return;
  operation->count = count;
  tell(*operation);
}

void Operations::finish(const std::string& oid, std::optional<Error> problem) {
  Operation* operation = get(oid);
  if (operation == nullptr || operation->state != Progress::kRunning) return;
  for (OperationStep& step : operation->steps) {
    if (step.state == Progress::kRunning || (step.state == Progress::kPending && !problem)) {
      step.state = problem ? Progress::kFailed : Progress::kDone;
      if (step.started_at) step.ended_at = clock_.now();
    } else if (!problem && !is_watched(step.name)) {
      step.state =
          Progress::kDone;  // not needed, or its answer was lost and it was done all the same
    }
  }
  operation->state = problem ? Progress::kFailed : Progress::kDone;
  operation->problem = std::move(problem);
  operation->ended_at = clock_.now();
  auto working = by_container_.find(operation->cid);
  if (working != by_container_.end() && working->second == oid) by_container_.erase(working);
  tell(*operation);
}

Result<Operation> Operations::find(const Actor& actor, const std::string& oid) const {
  auto found = std::ranges::find(all_, oid, &Operation::oid);
  if (found == all_.end() ||
      !(actor.is_admin() || found->by == actor.uid || found->owner == actor.uid)) {
    return fail(ErrorCode::kNotFound, "no operation");
  }
  return *found;
}

std::vector<Operation> Operations::list(const Actor& actor) const {
  std::vector<Operation> own;
  for (auto operation = all_.rbegin(); operation != all_.rend(); ++operation) {
    if (operation->by == actor.uid || operation->owner == actor.uid) own.push_back(*operation);
  }
  return own;
}

const Operation* Operations::working_on(ContainerId cid) const {
  auto working = by_container_.find(cid);
  if (working == by_container_.end()) return nullptr;
  auto found = std::ranges::find(all_, working->second, &Operation::oid);
  return found == all_.end() ? nullptr : &*found;
}

const Operation* Operations::working_on_matlab(int user) const {
  for (const Operation& operation : all_) {
    if (operation.state != Progress::kRunning || operation.cid) continue;
    if (user >= operation.first_user && user <= operation.last_user) return &operation;
  }
  return nullptr;
}

std::size_t Operations::running_of(UserId by) const {
  return static_cast<std::size_t>(std::ranges::count_if(all_, [by](const Operation& operation) {
    return operation.by == by && operation.state == Progress::kRunning;
  }));
}

bool Operations::only_watches(const Operation& operation) {
  auto running = std::ranges::find(operation.steps, Progress::kRunning, &OperationStep::state);
  return running != operation.steps.end() && is_watched(running->name);
}

void Operations::step_began(ContainerId cid, Step step) {
  const std::string_view name = step_name(step);
  const Operation* operation = name.empty() ? nullptr : working_on(cid);
  if (operation != nullptr) begin_step(std::string(operation->oid), name);
}

void Operations::step_ended(ContainerId cid, Step step, bool is_done) {
  const std::string_view name = step_name(step);
  const Operation* operation = name.empty() ? nullptr : working_on(cid);
  if (operation != nullptr) end_step(std::string(operation->oid), name, is_done);
}

void Operations::tell(const Operation& operation) {
  changes_.publish({.kind = Change::Kind::kOperation,
                    .oid = operation.oid,
                    .owner = operation.owner,
                    .by = operation.by});
}

// Those that still run are never forgotten; there are at most as many as people wait for.
void Operations::forget_old() {
  const WallTime since = clock_.now() - limits::kOperationsKept;
  std::erase_if(all_, [since](const Operation& operation) {
    return operation.ended_at && *operation.ended_at < since;
  });
  for (auto operation = all_.begin();
       all_.size() >= limits::kOperations && operation != all_.end();) {
    operation = operation->ended_at ? all_.erase(operation) : std::next(operation);
  }
}

}  // namespace berth
