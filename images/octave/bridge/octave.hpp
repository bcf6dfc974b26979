#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "child_process.hpp"
#include "interpreter.hpp"
#include "marked_stream.hpp"

namespace bridge {

// GNU Octave as our child. A command goes in through stdin as one line that calls berth_run; what
// it prints comes back on stdout and stderr, each closed by a mark, and how it went as a line of
// JSON on descriptor 3. A command has ended when all three have said so. One that dies is started
// again.
class Octave : public Interpreter {
 public:
  Octave(boost::asio::any_io_executor executor, std::vector<std::string> command);

  void start() override;
  void evaluate(std::string_view code) override;
  bool interrupt() override;
  bool restart() override;
  void stop() override;

  // From the SIGCHLD handler, for every process that was reaped.
  void on_exit(pid_t pid, int status);

 private:
  struct Progress {
    bool out = false, err = false, result = false;
    Outcome outcome;
  };

  MarkedStream make_stream(Stream stream, bool Progress::* closed);
  void read(ChildProcess::Channel channel, std::string_view bytes);
  void read_control(std::string_view bytes);
  void handle_control_line(std::string_view line);
  void handle_event(std::string_view event, const boost::json::object& report);
  void finish_if_complete();
  void signal();
  void settle();
  void settle_reported(std::optional<std::uint64_t> settling);
  void lose(const std::string& why);
  void await_restart();

  boost::asio::any_io_executor executor_;
  std::vector<std::string> command_;
  std::string tag_;
  std::shared_ptr<ChildProcess> child_;
  MarkedStream out_, err_;
  std::string control_;
  std::uint64_t number_ = 0;  // of the running command, or of the last one
  bool running_ = false;
  bool starting_ = false;  // startup.m is running
  bool stopped_ = false;
  Progress progress_;
  std::uint64_t settling_ = 0;  // of the latest interrupt
  bool settled_ = true;
  int settle_tries_ = 0;
  int signals_ = 0;  // sent, and not settled
  boost::asio::steady_timer settle_timer_, restart_timer_;
  std::chrono::milliseconds restart_delay_;
  std::chrono::steady_clock::time_point started_at_;
};

}  // namespace bridge
