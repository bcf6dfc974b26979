#pragma once

#include <string_view>

namespace berth {

// What a person asked for. The row holds it; only a request changes it (or a container that ended
// by itself: stopped).
enum class Wanted { kRunning, kStopped, kGone };

// What the engine answers about one of its containers. kUnknown is no answer, and proves nothing.
enum class Seen { kUnknown, kAbsent, kCreated, kRunning, kPaused, kExited, kRemoving };

// What the row says of the container, for people: the last thing that was seen.
enum class State { kCreating, kRunning, kPaused, kStopped };

std::string_view to_string(Wanted wanted);
std::string_view to_string(State state);

// All that decides the next step.
struct Facts {
  Wanted wanted = Wanted::kRunning;
  State state = State::kCreating;
  bool start_pending = false;      // a start was asked for and is not confirmed yet
  bool made = false;               // the engine has had this container at some time
  bool rebuild = false;            // it must be made anew from its own files: other GPUs
  bool holds = false;              // its claim counts against the device
  Seen seen = Seen::kUnknown;      // the engine container that holds the files
  Seen next_seen = Seen::kAbsent;  // its successor, during a rebuild only
};

enum class Step {
  kNone,    // as wanted
  kWait,    // no answer from the engine, or it is busy: ask again later
  kCreate,  // make the engine container
  kStart,   // hand it its secret and start it
  kUnpause,
  kStop,
  kRemove,       // remove the engine container
  kForget,       // delete the row: nothing is left in the engine
  kMarkRunning,  // the row says what is seen
  kMarkPaused,
  kMarkStopped,  // ended, by request or by itself: gives its resources back
  kMarkLost,    // the engine says there is no such container any more: as stopped, and the row says
                // why
  kCreateNext,  // commit the files and make the successor
  kStartNext,
  kAdoptNext,   // the successor has the newest files: it is the container now, and the old one is
                // removed
  kRemoveNext,  // a successor that nobody wants any more; it is not alive
};

std::string_view to_string(Step step);

// The one place that knows what happens next, in a request and after a crash alike. Pure: every
// step may be done twice, and doing the steps one after the other ends in kNone (or in kForget)
// whatever the engine does in between.
Step next_step(const Facts& facts);

}  // namespace berth
