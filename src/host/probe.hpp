#pragma once

#include <chrono>
#include <string>

#include "async/task.hpp"
#include "base/limits.hpp"

// Whether a service answers, by speaking its protocol: a TCP connect proves nothing behind the
// engine's port proxy, which accepts whether anybody listens inside or not. One connection each, at
// most limits::kProbeBytes read, no redirect followed, everything within `deadline`. An error says
// what was wrong, for a person (kUnavailable).
namespace berth::probe {

struct Target {
  std::string ip;  // or a name
  int port = 0;
  std::chrono::milliseconds deadline = limits::kProbe;
};

// Any complete status line below 500.
Task<Result<>> http_get(Target target, std::string path);
// The handshake is answered with 101.
Task<Result<>> websocket(Target target, std::string path);
// An SSH server introduces itself.
Task<Result<>> ssh_banner(Target target);

}  // namespace berth::probe
