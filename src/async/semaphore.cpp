#include "async/semaphore.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <deque>

namespace berth {

struct Semaphore::State {
  std::size_t free = 0;
  std::size_t longest_queue = 0;
  std::deque<Waiter*> queue;  // each lives in the frame of the coroutine that waits
};

// Leaves the queue on every way out of acquire, also when the coroutine's frame is destroyed while
// it waits. A permit that was granted but never taken goes on to the next.
struct Semaphore::Waiter {
  Waiter(std::shared_ptr<State> s, boost::asio::any_io_executor executor,
         std::chrono::milliseconds patience)
      : state(std::move(s)), wake(std::move(executor), patience) {
    state->queue.push_back(this);
  }
  ~Waiter() {
    std::erase(state->queue, this);
    if (granted && !taken) Permit give_back(state);
  }
  Permit take() {
    taken = true;
    return Permit(state);
  }

  std::shared_ptr<State> state;
  boost::asio::steady_timer wake;
  bool granted = false;
  bool taken = false;
};

Semaphore::Permit::~Permit() {
  if (!state_) return;
  if (state_->queue.empty()) {
    ++state_->free;
    return;
  }
  Waiter* next = state_->queue.front();
  state_->queue.pop_front();
  next->granted = true;
  next->wake.cancel();
}

Semaphore::Semaphore(std::size_t permits, std::size_t longest_queue)
    : state_(std::make_shared<State>()) {
  assert(permits > 0);
  state_->free = permits;
  state_->longest_queue = longest_queue;
}

std::size_t Semaphore::waiting() const { return state_->queue.size(); }

Task<Result<Semaphore::Permit>> Semaphore::acquire(std::chrono::milliseconds patience) {
  return acquire_from(state_, patience);
}

Task<Result<Semaphore::Permit>> Semaphore::acquire_from(std::shared_ptr<State> state,
                                                        std::chrono::milliseconds patience) {
  if (state->free > 0) {
    --state->free;
    co_return Permit(state);
  }
  if (state->queue.size() >= state->longest_queue) {
    co_return fail(ErrorCode::kUnavailable, "too much is waiting already");
  }
  Waiter waiter(state, co_await boost::asio::this_coro::executor, patience);
  co_await waiter.wake.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  if (!waiter.granted) co_return fail(ErrorCode::kUnavailable, "its turn did not come in time");
  co_return waiter.take();
}

}  // namespace berth
