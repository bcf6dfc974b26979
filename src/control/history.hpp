#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "control/actor.hpp"
#include "store/store.hpp"

namespace berth {

struct HistoryEntry {
  AuditRow entry;
  std::string by;  // empty: Berth itself, the engine, or the admin socket
};

// What happened, newest first, as the audit has it.
class History {
 public:
  explicit History(Store& store) : store_(store) {}

  // Those older than the entry `before`; 0: from the newest on.
  Task<Result<std::vector<HistoryEntry>>> all(Actor actor, std::int64_t before,
                                              std::size_t limit);  // for admins
  Task<Result<std::vector<HistoryEntry>>> of_container(Actor actor, ContainerId cid,
                                                       std::int64_t before, std::size_t limit);

 private:
  Store& store_;
};

}  // namespace berth
