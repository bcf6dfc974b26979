#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/engine.hpp"

namespace berth::memory {

// A tty with enough of a shell on it to type into: it echoes, and knows `stty size` and `exit`; the
// rest is for `answer`, which gives what is printed, in whole lines.
// What does not fit into its output is dropped, as a tty does whose buffer is full.
class MemoryTerminal final : public EngineTerminal {
 public:
  using Answer = std::function<std::string(std::string_view line)>;
  MemoryTerminal(TerminalSize size, std::string prompt, Answer answer);

  Task<std::string> read() override;
  Task<bool> write(std::string bytes) override;
  Task<Result<>> resize(TerminalSize size) override;
  Task<Result<int>> exit_code() override;
  void close() override;
  Task<Result<>> hang_up() override;

  void end(int code);  // of its process
  bool is_running() const { return !exit_code_; }

 private:
  void type(char c);
  void perform(std::string_view line);
  void print(std::string_view text);
  void wake();

  TerminalSize size_;
  std::string prompt_;
  Answer answer_;
  std::string line_;
  std::string output_;  // nobody has read it yet
  std::optional<int> exit_code_;
  bool is_closed_ = false;
  boost::asio::steady_timer* waiting_ = nullptr;  // the one read
};

}  // namespace berth::memory
