#pragma once

#include <string>

#include "control/actor.hpp"
#include "store/store.hpp"

namespace berth {

// One record for each change, in the transaction that makes the change.
inline void audit(Transaction& tx, WallTime at, UserId actor, std::string action,
                  std::string subject, std::string outcome = "ok") {
  tx.append_audit({at, actor, std::move(action), std::move(subject), std::move(outcome)});
}

}  // namespace berth
