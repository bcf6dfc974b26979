#pragma once

#include <chrono>
#include <deque>
#include <memory>

#include "http/transport.hpp"

namespace berth::http {

// Connections that carry no exchange at present. The freshest is used first, so that a burst's
// extra ones age and go.
class ConnectionPool {
 public:
  explicit ConnectionPool(std::chrono::milliseconds keep_idle);

  // A connection that was fit a moment ago, or null. It may still turn out to be dead.
  std::shared_ptr<Transport> take();
  void give(std::shared_ptr<Transport> connection);
  std::size_t size() const;

 private:
  struct Idle {
    std::shared_ptr<Transport> connection;
    std::chrono::steady_clock::time_point since;
  };
  void drop_expired();

  std::chrono::milliseconds keep_idle_;
  std::deque<Idle> idle_;  // oldest first
};

}  // namespace berth::http
