#include "async/together.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <utility>

namespace berth {
namespace {

struct Other {
  explicit Other(const boost::asio::any_io_executor& executor)
      : ended(executor, boost::asio::steady_timer::time_point::max()) {}
  boost::asio::steady_timer ended;  // cancelled then
  bool is_over = false;
  std::exception_ptr failure;
};

}  // namespace

Task<> together(Task<> one, Task<> other) {
  const auto executor = co_await boost::asio::this_coro::executor;
  auto second = std::make_shared<Other>(executor);
  auto note_end = [second](std::exception_ptr failure) {
    second->is_over = true;
    second->failure = std::move(failure);
    second->ended.cancel();
  };
  boost::asio::co_spawn(executor, std::move(other), std::move(note_end));
  std::exception_ptr failure;
  try {
    co_await std::move(one);
  } catch (...) {
    failure = std::current_exception();
  }
  while (!second->is_over)
    co_await second->ended.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  if (!failure) failure = second->failure;
  if (failure) std::rethrow_exception(failure);
}

}  // namespace berth
