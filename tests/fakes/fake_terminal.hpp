#pragma once

#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "engine/engine.hpp"

namespace berth::testing {

// A tty with enough of a shell on it to type into: it echoes, and knows `stty size` and `exit`.
// What does not fit into its output is dropped, as a tty does whose buffer is full.
class FakeTerminal final : public EngineTerminal {
 public:
  explicit FakeTerminal(TerminalSize size);

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
  std::string line_;
  std::string output_;  // nobody has read it yet
  std::optional<int> exit_code_;
  bool is_closed_ = false;
  boost::asio::steady_timer* waiting_ = nullptr;  // the one read
};

}  // namespace berth::testing
