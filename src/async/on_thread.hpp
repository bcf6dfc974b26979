#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "async/task.hpp"

namespace berth {

// What `work` returns, a Result<T>, worked out on one of `threads`. The coroutine itself never
// leaves its executor: only `work` crosses to the thread, and its result is posted back. Inside it
// nothing may touch what the coroutine's own thread uses.
template <class T, class Work>
Task<Result<T>> on_thread(boost::asio::thread_pool& threads, Work work) {
  auto start = [&threads, work = std::move(work)](auto handler) mutable {
    auto back = boost::asio::make_work_guard(boost::asio::get_associated_executor(handler));
    boost::asio::post(threads, [work = std::move(work), back = std::move(back),
                                handler = std::move(handler)]() mutable {
      Result<T> result = work();
      boost::asio::post(back.get_executor(),
                        [handler = std::move(handler), result = std::move(result)]() mutable {
                          std::move(handler)(std::move(result));
                        });
    });
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                                 void(Result<T>)>(std::move(start),
                                                                  boost::asio::use_awaitable);
}

}  // namespace berth
