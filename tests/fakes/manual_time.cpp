#include "fakes/manual_time.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace berth::testing {

Task<> ManualTimers::sleep(std::chrono::milliseconds duration) {
  clock_.advance(duration);
  co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
}

}  // namespace berth::testing
