#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <vector>

#include "async/task.hpp"

namespace berth::testing {

// Runs one task to its end on `io`, with whatever else is going on there.
template <class T>
T run(boost::asio::io_context& io, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr error;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr e, T value) {
    error = e;
    result.emplace(std::move(value));
  });
  io.restart();
  while (!result && io.run_one() > 0) {
  }
  if (error) std::rethrow_exception(error);
  return std::move(result.value());
}

// The same for several at once; results in the order given.
template <class T>
std::vector<T> run_all(boost::asio::io_context& io, std::vector<Task<T>> tasks) {
  std::vector<std::optional<T>> results(tasks.size());
  std::size_t left = tasks.size();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    boost::asio::co_spawn(io, std::move(tasks[i]), [&, i](std::exception_ptr e, T value) {
      if (e) std::rethrow_exception(e);
      results[i].emplace(std::move(value));
      --left;
    });
  }
  io.restart();
  while (left > 0 && io.run_one() > 0) {
  }
  std::vector<T> values;
  for (auto& result : results) values.push_back(std::move(result.value()));
  return values;
}

// Runs what is ready and waits at most `patience` for `is_done` to become true.
template <class Predicate>
bool run_until(boost::asio::io_context& io, std::chrono::milliseconds patience, Predicate is_done) {
  const auto until = std::chrono::steady_clock::now() + patience;
  io.restart();
  while (!is_done() && std::chrono::steady_clock::now() < until) {
    if (io.run_one_until(until) == 0) break;
  }
  return is_done();
}

}  // namespace berth::testing
