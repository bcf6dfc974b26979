#include "demo/lab_time.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace berth::demo {

WallTime LabTime::now() const {
  return runs_ ? standing_at_ + (clock_.steady() - let_go_at_) : standing_at_;
}

std::chrono::milliseconds LabTime::steady() const { return now().time_since_epoch(); }

Task<> LabTime::sleep(std::chrono::milliseconds duration) {
  if (runs_) {
    co_await timers_.sleep(duration);
    co_return;
  }
  standing_at_ += duration;
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
}

void LabTime::stand_at(WallTime at) { standing_at_ = std::max(standing_at_, at); }

void LabTime::let_go() {
  let_go_at_ = clock_.steady();
  runs_ = true;
}

}  // namespace berth::demo
