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
      grace_(executor_),
      delay_(executor_),
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

// The signal may arrive while berth_run is already reporting, and cut the report short. So the
// report is asked for once more; it is read when the interpreter is back at its prompt, and where
// the first was whole it changes nothing.
bool Octave::interrupt() {
  if (!child_ || (!running_ && !starting_)) return true;
  child_->signal_group(SIGINT);
  grace_.expires_after(limits::kInterruptGrace);
  grace_.async_wait([this, number = number_](auto failure) {
    if (failure || !child_) return;
    if (starting_) child_->write("berth_tell(struct('event','ready'));\n");
    if (!running_ || number != number_) return;
    child_->write("berth_report('" + tag_ + "'," + std::to_string(number) + ",'interrupted');\n");
  });
  return true;
}

bool Octave::restart() {
  restart_delay_ = limits::kFirstRestartDelay;
  if (child_) child_->signal_group(SIGKILL);
  return true;
}

void Octave::stop() {
  stopped_ = true;
  delay_.cancel();
  grace_.cancel();
  child_.reset();
}

void Octave::on_exit(pid_t pid, int status) {
  if (stopped_ || !child_ || pid != child_->pid()) return;
  child_->drain();
  child_.reset();
  out_.finish();
  err_.finish();
  running_ = starting_ = false;
  if (steady_clock::now() - started_at_ > kLivedWell) restart_delay_ = limits::kFirstRestartDelay;
  events.ended(describe_exit(status));
  await_restart();
}

void Octave::await_restart() {
  delay_.expires_after(restart_delay_);
  restart_delay_ = std::min(restart_delay_ * 2, limits::kLongestRestartDelay);
  delay_.async_wait([this](auto failure) {
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
  if (!running_ || report::number(*report, "number") != number_) return;
  progress_.result = true;
  progress_.outcome = {report::text(*report, "error"), report::figures(*report)};
  finish_if_complete();
}

void Octave::handle_event(std::string_view event, const boost::json::object& report) {
  if (event == "ready" && starting_) {
    starting_ = false;
    events.ready();
  } else if (event == "startup_failed") {
    events.startup_failed(report::text(report, "error").value_or("unknown error"));
  } else if (const auto port = report::port(report); event == "websocket" && port) {
    events.open_port(*port);
  }
}

void Octave::finish_if_complete() {
  if (!progress_.out || !progress_.err || !progress_.result) return;
  running_ = false;
  grace_.cancel();
  events.finished(std::exchange(progress_, {}).outcome);
}

}  // namespace bridge
