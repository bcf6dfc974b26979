#include "octave.hpp"

#include <signal.h>

#include <algorithm>
#include <boost/beast/core/detail/base64.hpp>
#include <iostream>
#include <random>
#include <system_error>
#include <utility>

#include "limits.hpp"
#include "report.hpp"

namespace bridge {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kLivedWell{10};

std::string to_base64(std::string_view bytes) {
  namespace base64 = boost::beast::detail::base64;
  std::string text(base64::encoded_size(bytes.size()), '\0');
  text.resize(base64::encode(text.data(), bytes.data(), bytes.size()));
  return text;
}

std::string random_tag() {
  std::random_device random;
  return "berth" + std::to_string(random()) + std::to_string(random());
}

}  // namespace

Octave::Octave(boost::asio::any_io_executor executor, std::vector<std::string> command)
    : executor_(std::move(executor)),
      command_(std::move(command)),
      tag_(random_tag()),
      out_(make_stream(Stream::kStdout, &Progress::out)),
      err_(make_stream(Stream::kStderr, &Progress::err)),
      settle_timer_(executor_),
      restart_timer_(executor_),
      restart_delay_(limits::kFirstRestartDelay) {}

// A mark with another number belongs to a command that ended before: an interrupt can cause it
// twice.
MarkedStream Octave::make_stream(Stream stream, bool Progress::* closed) {
  return {tag_,
          {.text = [this, stream](std::string_view text) { events.output(stream, text); },
           .mark =
               [this, closed](std::uint64_t number) {
                 if (!running_ || number != number_) return;
                 progress_.*closed = true;
                 finish_if_complete();
               }}};
}

void Octave::start() {
  starting_ = true;
  started_at_ = steady_clock::now();
  control_.clear();
  try {
    child_ = ChildProcess::start(executor_, command_,
                                 [this](auto channel, auto bytes) { read(channel, bytes); });
  } catch (const std::system_error& failure) {  // no memory, or no process left to have
    std::cerr << "cannot start the interpreter: " << failure.what() << std::endl;
    await_restart();
  }
}

void Octave::evaluate(std::string_view code) {
  running_ = true;
  progress_ = {};
  ++number_;
  child_->write("berth_run('" + tag_ + "'," + std::to_string(number_) + ",'" + to_base64(code) +
                "');\n");
}

bool Octave::interrupt() {
  if (!child_ || (!running_ && !starting_)) return true;
  settled_ = false;
  settle_tries_ = 0;
  signal();
  settle();
  return true;
}

// Octave takes the third that it has not acted on yet for a wish that it end. Each needs a settling
// of its own after it: what is reported before may still be interrupted.
void Octave::signal() {
  ++settling_;
  if (signals_ == 2) return;
  ++signals_;
  child_->signal_group(SIGINT);
}

void Octave::settle() {
  if (settled_ || !child_ || settle_tries_ == limits::kSettleTries) return;
  // One that comes just before the command is read is forgotten, and the command runs on.
  if (settle_tries_ == limits::kSettleTriesOfASignal) signal();
  child_->write("berth_settle('" + tag_ + "'," + std::to_string(number_) + "," +
                std::to_string(settling_) + ");\n");
  settle_timer_.expires_after(
      std::min(limits::kFirstSettleDelay * ++settle_tries_, limits::kLongestSettleDelay));
  settle_timer_.async_wait([this](auto failure) {
    if (!failure) settle();
  });
}

// It counts as ended at once: what comes after the answer to a restart must meet the new one.
bool Octave::restart() {
  restart_delay_ = limits::kFirstRestartDelay;
  if (child_) lose("restarted on request");
  return true;
}

void Octave::stop() {
  stopped_ = true;
  restart_timer_.cancel();
  settle_timer_.cancel();
  child_.reset();
}

void Octave::on_exit(pid_t pid, int status) {
  if (stopped_ || !child_ || pid != child_->pid()) return;
  child_->drain();
  if (steady_clock::now() - started_at_ > kLivedWell) restart_delay_ = limits::kFirstRestartDelay;
  lose(describe_exit(status));
}

void Octave::lose(const std::string& why) {
  child_.reset();
  out_.finish();
  err_.finish();
  running_ = starting_ = false;
  settled_ = true;
  signals_ = 0;
  events.ended(why);
  await_restart();
}

void Octave::await_restart() {
  restart_timer_.expires_after(restart_delay_);
  restart_delay_ = std::min(restart_delay_ * 2, limits::kLongestRestartDelay);
  restart_timer_.async_wait([this](auto failure) {
    if (!failure && !stopped_) start();
  });
}

void Octave::read(ChildProcess::Channel channel, std::string_view bytes) {
  switch (channel) {
    case ChildProcess::Channel::kStdout:
      return out_.feed(bytes);
    case ChildProcess::Channel::kStderr:
      return err_.feed(bytes);
    case ChildProcess::Channel::kControl:
      return read_control(bytes);
  }
}

void Octave::read_control(std::string_view bytes) {
  control_ += bytes;
  for (std::size_t end = 0; (end = control_.find('\n')) != std::string::npos;) {
    const std::string line = control_.substr(0, end);
    control_.erase(0, end + 1);
    handle_control_line(line);
  }
  if (control_.size() > limits::kControlBytes) control_.clear();
}

void Octave::handle_control_line(std::string_view line) {
  const auto report = report::parse(line);
  if (!report) return;  // cut short by an interrupt
  if (const auto event = report::text(*report, "event")) return handle_event(*event, *report);
  if (!running_ || progress_.result || report::number(*report, "number") != number_) return;
  progress_.result = true;
  progress_.outcome = {report::text(*report, "error"), report::figures(*report)};
  finish_if_complete();
}

void Octave::handle_event(std::string_view event, const boost::json::object& report) {
  if (event == "ready") {
    if (std::exchange(starting_, false)) events.ready();
  } else if (event == "settled") {
    settle_reported(report::number(report, "settling"));
  } else if (event == "startup_failed") {
    events.startup_failed(report::text(report, "error").value_or("unknown error"));
  } else if (const auto port = report::port(report); event == "websocket" && port) {
    events.open_port(*port);
  }
}

void Octave::settle_reported(std::optional<std::uint64_t> settling) {
  if (settled_ || settling != settling_) return;
  settled_ = true;
  signals_ = 0;
  settle_timer_.cancel();
  if (std::exchange(starting_, false)) events.ready();  // startup.m was interrupted
  finish_if_complete();
}

void Octave::finish_if_complete() {
  if (!running_ || !settled_ || !progress_.out || !progress_.err || !progress_.result) return;
  running_ = false;
  events.finished(std::exchange(progress_, {}).outcome);
}

}  // namespace bridge
