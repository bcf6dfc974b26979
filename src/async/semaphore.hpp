#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include "async/task.hpp"
#include "base/result.hpp"

namespace berth {

// At most `permits` coroutines at once, first come first served. For one thread. Cancelling or
// destroying a coroutine that waits takes it out of the queue; a permit outlives the semaphore
// without harm.
class Semaphore {
  struct State;

 public:
  // Gives the permit back when it goes out of scope.
  class Permit {
   public:
    explicit Permit(std::shared_ptr<State> state) : state_(std::move(state)) {}
    Permit(Permit&&) noexcept = default;
    Permit& operator=(Permit&&) = delete;
    ~Permit();

   private:
    std::shared_ptr<State> state_;
  };

  explicit Semaphore(std::size_t permits, std::size_t longest_queue = 1024);

  // kUnavailable when no permit came within `patience`, or the queue is full, or the wait was
  // cancelled.
  Task<Result<Permit>> acquire(std::chrono::milliseconds patience);

  std::size_t waiting() const;

 private:
  struct Waiter;
  static Task<Result<Permit>> acquire_from(std::shared_ptr<State> state,
                                           std::chrono::milliseconds patience);

  std::shared_ptr<State> state_;
};

}  // namespace berth
