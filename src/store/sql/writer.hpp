#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "store/sql/committer.hpp"

namespace berth::sql {

// The one thread that writes. It takes all that waits and commits it together; what arrives
// meanwhile waits for the next round. Ends after the works it was given: none is dropped.
class Writer {
 public:
  // Called on the writer's thread once the work is on disk or refused.
  using Done = std::move_only_function<void(Result<>)>;

  Writer(std::unique_ptr<Session> session, std::size_t most_waiting);
  ~Writer();

  bool is_full() const;
  void submit(std::function<Result<>(Transaction&)> body, Done done);

 private:
  struct Job {
    Work work;
    Done done;
  };

  void run();
  void commit(std::deque<Job> jobs);
  std::deque<Job> take_all();

  Committer committer_;
  const std::size_t most_waiting_;
  mutable std::mutex mutex_;  // guards the two below
  std::deque<Job> waiting_;
  bool is_ending_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace berth::sql
