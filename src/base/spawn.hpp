#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace berth {

// What a program of ours has as its three streams; it gets no other descriptor.
struct SpawnStreams {
  int input;
  int output;
  int errors;
};

// Runs argv[0], looked for in PATH, without a shell: in a group of its own, with the signals as a
// new program expects them. errno's value; 0 = `pid` runs.
int spawn(std::vector<std::string> argv, SpawnStreams streams, pid_t& pid);

}  // namespace berth
