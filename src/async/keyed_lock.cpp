#include "async/keyed_lock.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace berth {
namespace {

// A timer that never fires: cancelling it wakes the coroutine that waits on it.
struct Waiter {
  explicit Waiter(boost::asio::any_io_executor executor)
      : wake(std::move(executor), boost::asio::steady_timer::time_point::max()) {}
  boost::asio::steady_timer wake;
  bool granted = false;
};

}  // namespace

struct KeyedLock::State {
  void release(std::int64_t key);

  // Present = held; the deque waits.
  std::map<std::int64_t, std::deque<std::shared_ptr<Waiter>>> queues;
};

KeyedLock::Guard::~Guard() {
  if (auto state = state_.lock()) state->release(key_);
}

KeyedLock::KeyedLock() : state_(std::make_shared<State>()) {}
KeyedLock::~KeyedLock() = default;

Task<KeyedLock::Guard> KeyedLock::acquire(std::int64_t key) {
  auto [queue, is_free] = state_->queues.try_emplace(key);
  if (!is_free) {
    auto waiter = std::make_shared<Waiter>(co_await boost::asio::this_coro::executor);
    queue->second.push_back(waiter);
    while (!waiter->granted) {
      co_await waiter->wake.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
  }
  co_return Guard(state_, key);
}

void KeyedLock::State::release(std::int64_t key) {
  auto queue = queues.find(key);
  if (queue->second.empty()) {
    queues.erase(queue);
    return;
  }
  auto next = queue->second.front();
  queue->second.pop_front();
  next->granted = true;
  next->wake.cancel();
}

}  // namespace berth
