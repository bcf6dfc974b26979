#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>

#include "http/server.hpp"

namespace berth::http {

// What a connection is waiting for: each with its own deadline.
enum class Phase {
  kHandshake,
  kIdle,  // nothing of the next request has come
  kHeader,
  kBody,
  kHandler,  // no deadline here
  kWrite,
  kStream,     // an answer without an end, between two of its pieces: until the client leaves
  kWebSocket,  // no deadline here: it has its own
  kLinger,     // the last answer is out; the client may still be sending
};

class Connection;

// The open connections of one server and their deadlines. One sweep looks at all of them, instead
// of a timer for each operation of each. One thread.
class Connections {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Connections(Deadlines deadlines) : deadlines_(deadlines) {}

  // `callback` runs whenever a connection has left; an empty one ends that.
  void on_removed(std::function<void()> callback) { on_removed_ = std::move(callback); }
  std::size_t count() const { return open_.size(); }
  bool is_draining() const { return is_draining_; }
  // How often sweep() should run so that a deadline is at most a quarter late.
  std::chrono::milliseconds sweep_interval() const;

  void sweep(Clock::time_point now);
  // From now on each connection ends after its present request, those without one at once.
  void drain();
  void close_all();

 private:
  friend class Connection;
  Clock::time_point deadline_for(Phase phase) const;

  Deadlines deadlines_;
  std::function<void()> on_removed_;
  std::list<Connection*> open_;
  bool is_draining_ = false;
};

// One open socket's entry. It does not own the socket: it wakes whoever waits on it by shutting it
// down, which works for a plain and for a TLS stream and in whatever operation it is.
class Connection {
 public:
  Connection(Connections& all, int fd);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void enter(Phase phase);
  Phase phase() const { return phase_; }
  // Called when the client of an answer without an end has left, or the server is draining; for a
  // WebSocket only the latter, to say good-bye.
  void on_stream_over(std::function<void()> callback) { on_stream_over_ = std::move(callback); }
  // The present phase took too long. While reading, an answer can still be sent.
  bool is_expired() const { return is_expired_; }

 private:
  friend class Connections;
  void expire();
  void cut();
  void end_if_between();
  bool is_abandoned() const;

  Connections& all_;
  int fd_;
  Phase phase_ = Phase::kIdle;
  Connections::Clock::time_point deadline_;
  bool is_expired_ = false;
  std::function<void()> on_stream_over_;
  std::list<Connection*>::iterator place_;
};

}  // namespace berth::http
