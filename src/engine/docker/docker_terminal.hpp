#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/engine.hpp"
#include "http/client.hpp"

namespace berth::docker {

// One exec with a tty and the connection that the engine turned into its line. An engine does not
// end an exec whose line is cut and has no call that would: a second one, inside the container,
// finds the process by a word in its environment and sends it the signals.
class DockerTerminal final : public EngineTerminal {
 public:
  // How it calls its engine.
  using Call = std::function<Task<Result<http::ClientResponse>>(http::ClientRequest)>;
  struct Exec {
    std::string container;
    std::string id;
    std::string mark;  // kTerminalMark's value in the process's environment
  };

  DockerTerminal(Call call, Exec exec, http::Upgraded line);

  // Gives it its size as soon as its process is there.
  Task<Result<>> begin(TerminalSize size);

  Task<std::string> read() override;
  Task<bool> write(std::string bytes) override;
  Task<Result<>> resize(TerminalSize size) override;
  Task<Result<int>> exit_code() override;
  void close() override;
  Task<Result<>> hang_up() override;

 private:
  Call call_;
  Exec exec_;
  http::Upgraded line_;
  bool is_closed_ = false;
  bool is_hung_up_ = false;
};

}  // namespace berth::docker
