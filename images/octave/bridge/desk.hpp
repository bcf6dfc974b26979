#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "interpreter.hpp"
#include "protocol.hpp"

namespace bridge {

// Somebody who sends commands and hears the answers.
class Client {
 public:
  virtual ~Client() = default;
  virtual void send(std::string message) = 0;
  // False while it is far behind: live text is left out then, the answer has all of it.
  virtual bool keeps_up() const = 0;
};

// The one place where commands wait: both ports and all their clients share one interpreter, which
// runs one command at a time, first come first served. A client that goes away leaves its commands
// behind; they run.
class Desk {
 public:
  explicit Desk(Interpreter& interpreter);

  void take(std::string_view message, const std::shared_ptr<Client>& client);

  bool is_ready() const { return ready_; }
  std::size_t waiting() const { return waiting_.size(); }
  unsigned starts() const { return starts_; }
  const std::optional<std::string>& startup_error() const { return startup_error_; }

 private:
  struct Entry {
    Command command;
    std::weak_ptr<Client> client;
    std::string out, err;
    bool truncated = false;
    std::chrono::steady_clock::time_point began;
  };

  void enqueue(Command command, const std::shared_ptr<Client>& client);
  void control(const Control& control, Client& client);
  void run_next();
  void hear(Stream stream, std::string_view text);
  void finish(const Outcome& outcome);

  Interpreter& interpreter_;
  std::deque<Entry> waiting_;
  std::optional<Entry> running_;
  bool ready_ = false;
  unsigned starts_ = 0;
  std::optional<std::string> startup_error_;
};

}  // namespace bridge
