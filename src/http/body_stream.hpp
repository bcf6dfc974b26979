#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "async/task.hpp"
#include "base/limits.hpp"

namespace berth::http {

struct BodyStreamOptions {
  std::size_t most_pieces = limits::kStreamPieces;
  std::size_t most_bytes = limits::kStreamBytes;
  std::chrono::milliseconds heartbeat_every = limits::kStreamHeartbeat;
  std::string heartbeat;  // sent when nothing else was for that long; also finds out who is gone
  // Asked before each heartbeat, and after recheck(): false ends the stream. None: goes on.
  std::function<Task<bool>()> may_go_on;
};

// A body that is written as it comes, such as server-sent events. Its maker keeps one end and puts
// pieces in; the connection takes them out, one write at a time. A client that reads too slowly
// fills the queue, and that ends the stream: nobody waits for it and nothing grows. One thread.
class BodyStream {
 public:
  explicit BodyStream(BodyStreamOptions options) : options_(std::move(options)) {}

  // The maker's end. False once it is closed; a piece that does not fit closes it.
  bool push(std::string piece);
  void close();
  void recheck();  // may_go_on is asked soon
  bool is_closed() const { return is_closed_; }
  // Called once, when it has closed for whatever reason.
  void on_closed(std::function<void()> callback) { on_closed_ = std::move(callback); }

  // The connection's end.
  const BodyStreamOptions& options() const { return options_; }
  std::string take();  // everything that waits
  bool take_recheck() { return std::exchange(wants_recheck_, false); }
  // Called whenever there may be something to do.
  void on_wake(std::function<void()> callback) { on_wake_ = std::move(callback); }

 private:
  void wake() {
    if (on_wake_) on_wake_();
  }

  BodyStreamOptions options_;
  std::deque<std::string> pieces_;
  std::size_t bytes_ = 0;
  bool is_closed_ = false;
  bool wants_recheck_ = false;
  std::function<void()> on_wake_;
  std::function<void()> on_closed_;
};

}  // namespace berth::http
