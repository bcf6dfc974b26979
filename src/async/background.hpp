#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <string>

#include "async/task.hpp"

namespace berth {

// The coroutines that nobody waits for: started here, counted here, and all ended before the
// program ends. One thread.
class Background {
 public:
  explicit Background(boost::asio::any_io_executor executor);
  ~Background();

  // An exception that leaves the task is a bug: it is logged with `name`.
  void start(std::string name, Task<> task);
  std::size_t running() const;
  // Asks loops to end; they look at `stopping()` after every wait.
  void stop();
  bool stopping() const;

 private:
  struct State;
  boost::asio::any_io_executor executor_;
  std::shared_ptr<State> state_;
};

}  // namespace berth
