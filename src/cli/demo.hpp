#pragma once

#include <cstdint>
#include <string>

namespace berth::cli {

struct DemoOptions {
  std::uint64_t seed = 1;
  std::string listen;         // empty: 127.0.0.1:5000 or the next free port
  std::string matlab_listen;  // empty: 127.0.0.1:8080 or the next free port
  bool open_to_others = false;
};

// The whole of Berth over a simulated lab in memory, until SIGTERM or SIGINT. Needs no engine, no
// image and no network, and writes nothing to disk. Whoever reaches it may log in, so it listens on
// this machine only unless it is told to be open. The process's exit code, as of `serve`.
int demo(const DemoOptions& options);

}  // namespace berth::cli
