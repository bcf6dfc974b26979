#include "http/connections.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

namespace berth::http {

std::chrono::milliseconds Connections::sweep_interval() const {
  using std::chrono::milliseconds;
  const auto shortest = std::min(
      {deadlines_.header, deadlines_.body, deadlines_.write, deadlines_.idle, deadlines_.linger});
  return std::clamp(shortest / 4, milliseconds(5), milliseconds(500));
}

Connections::Clock::time_point Connections::deadline_for(Phase phase) const {
  const auto now = Clock::now();
  switch (phase) {
    case Phase::kHandshake:
    case Phase::kHeader:
      return now + deadlines_.header;
    case Phase::kIdle:
      return now + deadlines_.idle;
    case Phase::kBody:
      return now + deadlines_.body;
    case Phase::kWrite:
      return now + deadlines_.write;
    case Phase::kLinger:
      return now + deadlines_.linger;
    case Phase::kHandler:
    case Phase::kStream:
    case Phase::kWebSocket:
      break;
  }
  return Clock::time_point::max();
}

void Connections::sweep(Clock::time_point now) {
  for (Connection* connection : open_) {
    if (connection->deadline_ <= now || connection->is_abandoned()) connection->expire();
  }
}

void Connections::drain() {
  is_draining_ = true;
  for (Connection* connection : open_) connection->end_if_between();
}

void Connections::close_all() {
  for (Connection* connection : open_) connection->cut();
}

Connection::Connection(Connections& all, int fd) : all_(all), fd_(fd) {
  place_ = all_.open_.insert(all_.open_.end(), this);
  enter(Phase::kIdle);
}

Connection::~Connection() {
  all_.open_.erase(place_);
  if (all_.on_removed_) all_.on_removed_();
}

void Connection::enter(Phase phase) {
  phase_ = phase;
  deadline_ = all_.deadline_for(phase);
  is_expired_ = false;
  if (all_.is_draining_) end_if_between();
}

// Between two requests, two pieces or two messages nothing is lost by an end.
void Connection::end_if_between() {
  if (phase_ == Phase::kIdle || phase_ == Phase::kStream) expire();
  if (phase_ == Phase::kWebSocket && on_stream_over_) on_stream_over_();
}

// Nobody reads while an answer without an end is written, so whether the client is still there is
// asked here: the next heartbeat would find out too, but later.
bool Connection::is_abandoned() const {
  if (phase_ != Phase::kStream || is_expired_) return false;
  pollfd peer{fd_, POLLRDHUP, 0};
  return ::poll(&peer, 1, 0) == 1;
}

// A reader that is late hears why (408), so only its reading ends; whoever else is late is cut off.
void Connection::expire() {
  is_expired_ = true;
  deadline_ = Connections::Clock::time_point::max();
  if (phase_ == Phase::kHeader || phase_ == Phase::kBody) {
    ::shutdown(fd_, SHUT_RD);
  } else {
    cut();
  }
  if (phase_ == Phase::kStream && on_stream_over_) on_stream_over_();
}

// What is still unsent is thrown away with a reset: the kernel would keep offering it to a peer
// that does not read.
void Connection::cut() {
  const linger at_once{1, 0};
  if (phase_ == Phase::kWrite) ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::shutdown(fd_, SHUT_RDWR);
}

}  // namespace berth::http
