#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>

#include "async/task.hpp"

namespace boost::asio {
class io_context;
}

namespace berth {

// One coroutine at a time for each key, first come first served. For one thread; keys that nobody
// holds cost nothing.
class KeyedLock {
  struct State;

 public:
  // Gives the lock back when it goes out of scope. It may outlive the lock: coroutines that a
  // program ends in the middle of go last.
  class Guard {
   public:
    Guard(std::weak_ptr<State> state, std::int64_t key) : state_(std::move(state)), key_(key) {}
    Guard(Guard&&) noexcept = default;
    Guard& operator=(Guard&&) = delete;
    ~Guard();

   private:
    std::weak_ptr<State> state_;
    std::int64_t key_;
  };

  KeyedLock();
  ~KeyedLock();
  Task<Guard> acquire(std::int64_t key);

 private:
  std::shared_ptr<State> state_;
};

}  // namespace berth
