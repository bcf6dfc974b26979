#include "core/life_cycle.hpp"

#include <cassert>

namespace berth {
namespace {

bool is_alive(Seen seen) { return seen == Seen::kRunning || seen == Seen::kPaused; }
bool has_run(Seen seen) { return is_alive(seen) || seen == Seen::kExited; }
bool has_files_at_rest(const Facts& f) {
  return (f.seen == Seen::kCreated || f.seen == Seen::kExited) && f.next_seen == Seen::kAbsent;
}

// A paused container does not hear a stop.
Step step_to_end(Seen alive) { return alive == Seen::kPaused ? Step::kUnpause : Step::kStop; }

Step step_to_gone(const Facts& f) {
  if (is_alive(f.seen)) return step_to_end(f.seen);
  if (is_alive(f.next_seen))
    return Step::kAdoptNext;  // and is stopped like any other, then removed
  if (f.next_seen != Seen::kAbsent) return Step::kRemoveNext;
  return f.seen == Seen::kAbsent ? Step::kForget : Step::kRemove;
}

// A successor that has run may have newer files than the old container, and one whose old container
// is gone has the only ones: both are kept. What never ran is a mere copy.
Step step_to_stopped(const Facts& f) {
  if (is_alive(f.seen)) return step_to_end(f.seen);
  if (has_run(f.next_seen)) return Step::kAdoptNext;
  if (f.next_seen != Seen::kAbsent)
    return f.seen == Seen::kAbsent ? Step::kAdoptNext : Step::kRemoveNext;
  if (f.state == State::kStopped && !f.holds) return Step::kNone;
  return f.seen == Seen::kAbsent ? Step::kMarkLost : Step::kMarkStopped;
}

// Its old container keeps the files until the successor has really started, and is at rest before
// it is given up.
Step step_through_rebuild(const Facts& f) {
  if (is_alive(f.seen)) return step_to_end(f.seen);
  if (has_run(f.next_seen)) return Step::kAdoptNext;
  if (f.next_seen == Seen::kCreated) return Step::kStartNext;
  return f.seen == Seen::kAbsent ? Step::kMarkLost : Step::kCreateNext;
}

Step step_to_running(const Facts& f) {
  if (f.rebuild) return step_through_rebuild(f);
  switch (f.seen) {
    case Seen::kAbsent:
      return f.made ? Step::kMarkLost : Step::kCreate;
    case Seen::kCreated:
    case Seen::kExited:
      return f.start_pending ? Step::kStart : Step::kMarkStopped;
    case Seen::kPaused:
      if (f.start_pending) return Step::kUnpause;
      return f.state == State::kPaused ? Step::kNone : Step::kMarkPaused;
    case Seen::kRunning:
      return f.state == State::kRunning && !f.start_pending ? Step::kNone : Step::kMarkRunning;
    case Seen::kUnknown:
    case Seen::kRemoving:
      break;
  }
  return Step::kWait;
}

// What no rule above may ever get wrong.
void check(const Facts& f, Step step) {
  const bool is_at_rest = !is_alive(f.seen) && !is_alive(f.next_seen);
  // What is alive is never removed or forgotten without a stop before, and keeps what it holds.
  assert(step != Step::kForget || (f.seen == Seen::kAbsent && f.next_seen == Seen::kAbsent));
  assert(step != Step::kRemove || !is_alive(f.seen));
  assert(step != Step::kRemoveNext || !is_alive(f.next_seen));
  assert(step != Step::kMarkStopped || is_at_rest);
  assert(step != Step::kMarkLost || (f.seen == Seen::kAbsent && is_at_rest));
  // Files are never shadowed by an empty container, nor copied from one that still writes them.
  assert(step != Step::kCreate || (f.seen == Seen::kAbsent && !f.made));
  assert(step != Step::kCreateNext || (f.rebuild && has_files_at_rest(f)));
  assert(step != Step::kAdoptNext || f.next_seen != Seen::kAbsent);
  // Nothing starts that nobody asked for.
  assert(step != Step::kStart || (f.wanted == Wanted::kRunning && f.start_pending));
  assert(step != Step::kStartNext || (f.wanted == Wanted::kRunning && f.rebuild));
  assert(step != Step::kMarkRunning || f.seen == Seen::kRunning);
}

}  // namespace

std::string_view to_string(Wanted wanted) {
  switch (wanted) {
    case Wanted::kRunning:
      return "running";
    case Wanted::kStopped:
      return "stopped";
    case Wanted::kGone:
      return "gone";
  }
  return "gone";
}

std::string_view to_string(State state) {
  switch (state) {
    case State::kCreating:
      return "creating";
    case State::kRunning:
      return "running";
    case State::kPaused:
      return "paused";
    case State::kStopped:
      return "stopped";
  }
  return "stopped";
}

std::string_view to_string(Step step) {
  switch (step) {
    case Step::kNone:
      return "none";
    case Step::kWait:
      return "wait";
    case Step::kCreate:
      return "create";
    case Step::kStart:
      return "start";
    case Step::kUnpause:
      return "unpause";
    case Step::kStop:
      return "stop";
    case Step::kRemove:
      return "remove";
    case Step::kForget:
      return "forget";
    case Step::kMarkRunning:
      return "mark_running";
    case Step::kMarkPaused:
      return "mark_paused";
    case Step::kMarkStopped:
      return "mark_stopped";
    case Step::kMarkLost:
      return "mark_lost";
    case Step::kCreateNext:
      return "create_next";
    case Step::kStartNext:
      return "start_next";
    case Step::kAdoptNext:
      return "adopt_next";
    case Step::kRemoveNext:
      return "remove_next";
  }
  return "none";
}

Step next_step(const Facts& f) {
  // Without a clear answer about every container concerned nothing is decided: unknown is not gone.
  if (f.seen == Seen::kUnknown || f.next_seen == Seen::kUnknown) return Step::kWait;
  if (f.seen == Seen::kRemoving || f.next_seen == Seen::kRemoving) return Step::kWait;
  assert(!f.rebuild || f.made);
  assert(f.rebuild ||
         f.next_seen == Seen::kAbsent);  // a successor is looked for during a rebuild only
  Step step = Step::kNone;
  switch (f.wanted) {
    case Wanted::kGone:
      step = step_to_gone(f);
      break;
    case Wanted::kStopped:
      step = step_to_stopped(f);
      break;
    case Wanted::kRunning:
      step = step_to_running(f);
      break;
  }
  check(f, step);
  return step;
}

}  // namespace berth
