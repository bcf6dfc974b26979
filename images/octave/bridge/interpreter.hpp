#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bridge {

enum class Stream { kStdout, kStderr };

struct Outcome {
  std::optional<std::string> error;
  std::vector<std::string> figures;  // paths of PNG files; whoever gets them removes them
};

// Whatever runs the code: Octave as our child, or MATLAB at the other end of a link. It runs one
// command at a time; the caller waits for `finished` or `ended` before the next.
class Interpreter {
 public:
  struct Events {
    std::function<void()> ready;  // startup.m has run
    std::function<void(std::string error)> startup_failed;
    std::function<void(std::uint16_t port)> open_port;     // startup.m called berth_websocket(port)
    std::function<void(Stream, std::string_view)> output;  // valid UTF-8
    std::function<void(Outcome)> finished;
    std::function<void(std::string why)> ended;  // a new one will announce itself with `ready`
  };

  virtual ~Interpreter() = default;

  Events events;

  virtual void start() = 0;
  virtual void evaluate(std::string_view code) = 0;
  // False: this interpreter cannot do it.
  virtual bool interrupt() = 0;
  virtual bool restart() = 0;
  virtual void stop() = 0;
};

}  // namespace bridge
