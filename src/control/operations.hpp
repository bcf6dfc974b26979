#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "control/actor.hpp"
#include "control/changes.hpp"
#include "control/step_watcher.hpp"

namespace berth {

enum class OperationKind {
  kCreate,
  kStart,
  kStop,
  kRestart,
  kRemove,
  kSaveImage,
  kMatlabCreate,
  kMatlabRestart,
  kMatlabRemove,
};

enum class Progress { kPending, kRunning, kDone, kFailed };

struct OperationStep {
  std::string_view name;  // a literal of operations.cpp or long_work.cpp
  Progress state = Progress::kPending;
  std::optional<WallTime> started_at;
  std::optional<WallTime> ended_at;
};

struct OperationCount {
  int done = 0;
  int failed = 0;
  int total = 0;
};

struct Operation {
  std::int64_t number = 0;  // ascending; `oid` has it with what makes it this process's own
  std::string oid;
  OperationKind kind = OperationKind::kCreate;
  Progress state = Progress::kRunning;
  UserId by;           // who asked for it
  UserId owner;        // whose thing it works on; none for a MATLAB session
  ContainerId cid;     // none for MATLAB sessions
  ImageId iid;         // that was saved
  int first_user = 0;  // of MATLAB sessions, first to last
  int last_user = 0;
  std::string subject;
  std::vector<OperationStep> steps;
  std::optional<OperationCount> count;  // of one that works on many
  std::optional<Error> problem;
  WallTime started_at{};
  std::optional<WallTime> ended_at;
};

// What takes longer than an answer: a journal in memory, for whoever watches and for an hour after.
// It decides nothing: what became of a container is in its row. The driver's steps come in here by
// themselves. One thread.
class Operations final : public StepWatcher {
 public:
  Operations(Clock& clock, Changes& changes);

  // `operation`: kind, by, owner, cid, subject and steps (all pending). An older one that still
  // watches the same container is left behind.
  const Operation& begin(Operation operation);
  // A step that was not foreseen is put in.
  void begin_step(const std::string& oid, std::string_view name);
  void end_step(const std::string& oid, std::string_view name, bool is_done);
  void set_image(const std::string& oid, ImageId iid);
  void set_count(const std::string& oid, OperationCount count);
  // Without a problem all steps are done, but for what does not answer yet.
  void finish(const std::string& oid, std::optional<Error> problem);

  // kNotFound for what is neither the actor's nor about the actor's things.
  Result<Operation> find(const Actor& actor, const std::string& oid) const;
  std::vector<Operation> list(const Actor& actor) const;  // the actor's own, newest first
  // The one that works on it, and whether it has come so far that another may take over.
  const Operation* working_on(ContainerId cid) const;
  const Operation* working_on_matlab(int user) const;
  std::size_t running_of(UserId by) const;
  static bool only_watches(const Operation& operation);

  void step_began(ContainerId cid, Step step) override;
  void step_ended(ContainerId cid, Step step, bool is_done) override;

 private:
  Operation* get(const std::string& oid);
  void tell(const Operation& operation);
  void forget_old();

  Clock& clock_;
  Changes& changes_;
  std::string run_;  // random: an id of a former run of the program is not taken for one of this
  std::int64_t last_number_ = 0;
  std::deque<Operation> all_;  // ascending
  std::map<ContainerId, std::string> by_container_;
};

// A container that runs is there whether or not these answer: their steps only say so.
inline constexpr std::string_view kReachableStep = "reachable";  // ssh
inline constexpr std::string_view kJupyterStep = "jupyter";
inline constexpr std::string_view kTensorboardStep = "tensorboard";
inline constexpr std::array kWatchedSteps{kReachableStep, kJupyterStep, kTensorboardStep};

}  // namespace berth
