#pragma once

#include <cstddef>
#include <map>
#include <memory>

#include "async/background.hpp"
#include "async/task.hpp"
#include "base/clock.hpp"
#include "control/actor.hpp"
#include "control/containers.hpp"
#include "engine/engine.hpp"
#include "store/store.hpp"

namespace berth {

// Shells in people's containers. What a shell is run with is fixed here: a person chooses the
// container and the size of the window.
class Terminals {
 public:
  Terminals(Containers& containers, Store& store, Clock& clock, Background& background);

  // A new login shell in a container that runs, and a record of it. Whoever lets go of the last
  // pointer hangs it up. kConflict "container already stopped"; kExhausted when somebody has too
  // many, kUnavailable when all together have.
  Task<Result<std::shared_ptr<EngineTerminal>>> open(Actor actor, ContainerId cid,
                                                     TerminalSize size);
  std::size_t count() const { return taken_->all; }

 private:
  struct Taken {
    std::size_t all = 0;
    std::map<UserId, std::size_t> of;
  };
  // Given back when its last copy goes.
  using Place = std::shared_ptr<void>;
  Result<Place> take_place(UserId uid);
  std::shared_ptr<EngineTerminal> guarded(std::shared_ptr<EngineTerminal> terminal, Place place);

  Containers& containers_;
  Store& store_;
  Clock& clock_;
  Background& background_;
  std::shared_ptr<Taken> taken_ = std::make_shared<Taken>();
};

}  // namespace berth
