#include "http/connection_pool.hpp"

#include <utility>

namespace berth::http {

ConnectionPool::ConnectionPool(std::chrono::milliseconds keep_idle) : keep_idle_(keep_idle) {}

std::shared_ptr<Transport> ConnectionPool::take() {
  drop_expired();
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back().connection);
    idle_.pop_back();
    if (connection->is_quiet()) return connection;
  }
  return nullptr;
}

void ConnectionPool::give(std::shared_ptr<Transport> connection) {
  drop_expired();
  idle_.push_back({std::move(connection), std::chrono::steady_clock::now()});
}

std::size_t ConnectionPool::size() const { return idle_.size(); }

void ConnectionPool::drop_expired() {
  const auto now = std::chrono::steady_clock::now();
  while (!idle_.empty() && now - idle_.front().since >= keep_idle_) idle_.pop_front();
}

}  // namespace berth::http
