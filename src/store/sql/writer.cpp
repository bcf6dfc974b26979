#include "store/sql/writer.hpp"

#include "store/sql/session.hpp"

namespace berth::sql {

Writer::Writer(std::unique_ptr<Session> session, std::size_t most_waiting)
    : committer_(std::move(session)), most_waiting_(most_waiting), thread_([this] { run(); }) {}

Writer::~Writer() {
  {
    std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool Writer::is_full() const {
  std::lock_guard lock(mutex_);
  return waiting_.size() >= most_waiting_;
}

void Writer::submit(std::function<Result<>(Transaction&)> body, Done done) {
  {
    std::lock_guard lock(mutex_);
    waiting_.push_back({{std::move(body)}, std::move(done)});
  }
  wake_.notify_one();
}

std::deque<Writer::Job> Writer::take_all() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
  return std::exchange(waiting_, {});
}

void Writer::commit(std::deque<Job> jobs) {
  std::vector<Work*> works;
  for (Job& job : jobs) works.push_back(&job.work);
  committer_.commit_together(works);
  for (Job& job : jobs) job.done(std::move(job.work.result));
}

void Writer::run() {
  while (true) {
    auto jobs = take_all();
    if (jobs.empty()) return;
    commit(std::move(
        jobs));  // and forgets them before it waits again: each keeps the io_context from ending
  }
}

}  // namespace berth::sql
