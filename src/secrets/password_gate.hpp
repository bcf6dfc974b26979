#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "async/task.hpp"

namespace berth::secrets {

// Hashing runs here and nowhere else: a few threads and a bounded queue, so that a flood of log-ins
// costs at most those cores and never the I/O thread. Results come back on the caller's executor.
// Destroyed (it waits for what is running) before the executors of its callers.
class PasswordGate {
 public:
  struct Bounds {
    std::size_t threads = 2;
    std::size_t queue = 64;  // waiting, on top of those that run
  };

  PasswordGate();  // on half of the processors, two at most
  explicit PasswordGate(Bounds bounds);
  ~PasswordGate();

  // kTooMany when the queue is full: nothing was done, later again.
  Task<Result<std::string>> hash(std::string password);
  // An empty hash stands for a user that does not exist: false, in the same time.
  Task<Result<bool>> verify(std::string hash, std::string password);

 private:
  class Pool;
  template <class T, class Work>
  Task<Result<T>> run(Work work);

  std::unique_ptr<Pool> pool_;
};

}  // namespace berth::secrets
