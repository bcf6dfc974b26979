#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <optional>

#include "async/task.hpp"
#include "base/result.hpp"

namespace berth::cli {

// Runs one coroutine to its end, before the program serves anybody.
template <class T>
Result<T> run_now(boost::asio::io_context& io, Task<Result<T>> task) {
  std::optional<Result<T>> result;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, Result<T> value) {
    if (error) std::rethrow_exception(error);
    result = std::move(value);
  });
  io.restart();  // it stops by itself whenever it runs out of work
  while (!result && io.run_one() > 0) {
  }
  if (!result) return fail(ErrorCode::kInternal, "start-up was cut short");
  return std::move(*result);
}

}  // namespace berth::cli
