#include "desk.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "limits.hpp"
#include "utf8.hpp"

namespace bridge {
namespace {

using std::chrono::steady_clock;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

double milliseconds_since(steady_clock::time_point began) {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - began).count();
}

std::string read_and_remove(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  ::unlink(path.c_str());
  return bytes;
}

void add_figures(const std::vector<std::string>& paths, Answer& answer) {
  std::size_t total = 0;
  for (const auto& path : paths) {
    std::string png = read_and_remove(path);
    total += png.size();
    if (total > limits::kFigureBytes || answer.figures.size() == limits::kFigures) {
      answer.truncated = true;
    } else if (!png.empty()) {
      answer.figures.push_back(std::move(png));
    }
  }
}

}  // namespace

Desk::Desk(Interpreter& interpreter) : interpreter_(interpreter) {
  interpreter_.events.ready = [this] {
    ready_ = true;
    ++starts_;
    run_next();
  };
  interpreter_.events.startup_failed = [this](std::string error) {
    startup_error_ = to_valid_utf8(error);
  };
  interpreter_.events.output = [this](Stream stream, std::string_view text) { hear(stream, text); };
  interpreter_.events.finished = [this](const Outcome& outcome) {
    finish(outcome);
    run_next();
  };
  interpreter_.events.ended = [this](const std::string& why) {
    std::cerr << "the interpreter ended: " << why << std::endl;
    ready_ = false;
    startup_error_.reset();
    finish({"the interpreter ended: " + why, {}});
  };
}

void Desk::take(std::string_view message, const std::shared_ptr<Client>& client) {
  auto visitor = Overloaded{
      [&](Command&& command) { enqueue(std::move(command), client); },
      [&](Control&& wish) { control(wish, *client); },
      [&](Refusal&& refusal) { client->send(write_refusal(refusal)); },
  };
  std::visit(visitor, parse_message(message));
}

void Desk::enqueue(Command command, const std::shared_ptr<Client>& client) {
  if (waiting_.size() >= limits::kWaitingCommands) {
    const std::string error =
        "too many commands wait already, at most " + std::to_string(limits::kWaitingCommands);
    return client->send(write_refusal({std::move(command.id), error}));
  }
  waiting_.push_back({std::move(command), client, {}, {}, false, {}});
  run_next();
}

void Desk::control(const Control& wish, Client& client) {
  switch (wish.op) {
    case Op::kPing:
      return client.send(write_done(wish.id, "ping", ready_));
    case Op::kInterrupt:
      if (interpreter_.interrupt()) return client.send(write_done(wish.id, "interrupt", ready_));
      break;
    case Op::kRestart:
      if (interpreter_.restart()) return client.send(write_done(wish.id, "restart", ready_));
      break;
  }
  client.send(write_refusal({wish.id, "this interpreter cannot do that"}));
}

void Desk::run_next() {
  if (running_ || !ready_ || waiting_.empty()) return;
  running_ = std::move(waiting_.front());
  waiting_.pop_front();
  running_->began = steady_clock::now();
  interpreter_.evaluate(running_->command.code);
}

void Desk::hear(Stream stream, std::string_view text) {
  if (!running_) {  // startup.m, or something left in the background: for the container's log
    (stream == Stream::kStdout ? std::cout : std::cerr) << text << std::flush;
    return;
  }
  std::string& kept = stream == Stream::kStdout ? running_->out : running_->err;
  const std::size_t room = limits::kOutputBytes - kept.size();
  if (text.size() > room) {
    running_->truncated = true;
    text = text.substr(0, room);
    text = text.substr(0, whole_characters(text));
  }
  if (text.empty()) return;
  kept += text;
  const auto client = running_->client.lock();
  if (client && client->keeps_up()) {
    client->send(write_live_text(running_->command.id, stream, text));
  }
}

void Desk::finish(const Outcome& outcome) {
  if (!running_) return;
  Entry entry = *std::exchange(running_, std::nullopt);
  Answer answer{std::move(entry.command.id),
                std::move(entry.out),
                std::move(entry.err),
                {},
                milliseconds_since(entry.began),
                entry.truncated,
                {}};
  if (outcome.error) answer.error = to_valid_utf8(*outcome.error);
  add_figures(outcome.figures, answer);
  if (auto client = entry.client.lock()) client->send(write_answer(answer));
}

}  // namespace bridge
