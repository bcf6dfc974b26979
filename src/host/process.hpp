#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace berth {

struct ProcessBounds {
  std::chrono::milliseconds deadline{10'000};
  std::size_t output_bytes = 1024 * 1024;  // of each stream; what comes after is read and dropped
};

struct ProcessResult {
  int exit_code = 0;  // 128 + N when it was ended by signal N, as shells count
  std::string output;
  std::string errors;
  bool was_cut = false;  // there was more output than the bound
};

// Runs a program, looked up in PATH, with these very arguments: no shell ever sees them. It gets no
// input. Blocks the thread: for start-up and the command line. kNotFound: there is no such program.
// kUnavailable: it did not end in time, and was killed with everything it had started.
Result<ProcessResult> run_process(std::vector<std::string> argv, ProcessBounds bounds = {});

}  // namespace berth
