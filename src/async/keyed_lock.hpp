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
 public:
  // Gives the lock back when it goes out of scope.
  class Guard {
   public:
    Guard(KeyedLock& lock, std::int64_t key) : lock_(&lock), key_(key) {}
    Guard(Guard&& other) noexcept : lock_(other.lock_), key_(other.key_) { other.lock_ = nullptr; }
    Guard& operator=(Guard&&) = delete;
    ~Guard() {
      if (lock_ != nullptr) lock_->release(key_);
    }

   private:
    KeyedLock* lock_;
    std::int64_t key_;
  };

  KeyedLock();
  ~KeyedLock();
  Task<Guard> acquire(std::int64_t key);

 private:
  struct Waiter;
  void release(std::int64_t key);

  std::map<std::int64_t, std::deque<std::shared_ptr<Waiter>>>
      queues_;  // present = held; the deque waits
};

}  // namespace berth
