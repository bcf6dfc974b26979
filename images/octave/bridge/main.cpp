// berth-bridge: a web console and a WebSocket service in front of one interpreter. It is PID 1 of
// its container: it ends at once on TERM and reaps every orphan.
#include <sys/wait.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdint>
#include <exception>
#include <iostream>
#include <map>
#include <memory>

#include "desk.hpp"
#include "link.hpp"
#include "octave.hpp"
#include "options.hpp"
#include "server.hpp"

namespace bridge {
namespace {

namespace asio = boost::asio;

class Program {
 public:
  Program(asio::io_context& io, Options options)
      : executor_(io.get_executor()),
        options_(std::move(options)),
        interpreter_(make_interpreter()),
        desk_(*interpreter_),
        children_(io, SIGCHLD) {
    interpreter_->events.open_port = [this](std::uint16_t port) { open_service(port); };
    if (options_.console_port) {
      open(*options_.console_port, {options_.page, options_.console_origins});
    }
    await_children();
    interpreter_->start();
  }

  void stop() { interpreter_->stop(); }

 private:
  std::unique_ptr<Interpreter> make_interpreter() {
    if (options_.link_port) return std::make_unique<Link>(executor_, *options_.link_port);
    auto octave = std::make_unique<Octave>(executor_, options_.command);
    octave_ = octave.get();
    return octave;
  }

  void open(std::uint16_t port, Site site) {
    servers_[port] = std::make_unique<Server>(executor_, port, std::move(site), desk_);
  }

  // startup.m runs again with each new interpreter; the port stays open meanwhile.
  void open_service(std::uint16_t port) {
    if (servers_.contains(port)) return;
    try {
      open(port, {{}, options_.service_origins});
      std::cerr << "WebSocket service on port " << port << std::endl;
    } catch (const std::exception& failure) {
      servers_.erase(port);
      std::cerr << "no WebSocket service on port " << port << ": " << failure.what() << std::endl;
    }
  }

  void await_children() {
    children_.async_wait([this](auto failure, int) {
      if (failure) return;
      int status = 0;
      for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        if (octave_ != nullptr) octave_->on_exit(pid, status);
      }
      await_children();
    });
  }

  asio::any_io_executor executor_;
  Options options_;
  Octave* octave_ = nullptr;
  std::unique_ptr<Interpreter> interpreter_;
  Desk desk_;
  asio::signal_set children_;
  std::map<std::uint16_t, std::unique_ptr<Server>> servers_;
};

int run(std::vector<std::string> arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  asio::io_context io(1);
  Program program(io, read_options(std::move(arguments)));
  asio::signal_set ending(io, SIGTERM, SIGINT);
  ending.async_wait([&](auto, int) {
    program.stop();
    io.stop();
  });
  io.run();
  return 0;
}

}  // namespace
}  // namespace bridge

int main(int count, char** words) {
  try {
    return bridge::run({words + 1, words + count});
  } catch (const std::exception& failure) {
    std::cerr << "berth-bridge: " << failure.what() << std::endl;
    return 1;
  }
}
