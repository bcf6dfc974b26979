#include "child_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <system_error>
#include <utility>

namespace bridge {
namespace {

namespace asio = boost::asio;

constexpr int kControlDescriptor = 3;

void check(bool good, const char* what) {
  if (!good) throw std::system_error(errno, std::generic_category(), what);
}

// Closed on exec: only what become_child puts in its place goes over to the program.
struct PipeEnds {
  int reading = -1, writing = -1;

  PipeEnds() {
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC) == 0, "pipe");
    reading = ends[0];
    writing = ends[1];
  }
  PipeEnds(const PipeEnds&) = delete;
  ~PipeEnds() {
    if (reading >= 0) ::close(reading);
    if (writing >= 0) ::close(writing);
  }
};

void place(int from, int to) {
  if (from == to)
    ::fcntl(to, F_SETFD, 0);
  else
    ::dup2(from, to);
}

// Between fork and exec: only calls that are safe there. The control pipe was opened last, so its
// number is above those of the others and placing it at 3 comes last as well.
[[noreturn]] void become(char* const* arguments, int in, int out, int err, int control) {
  ::setpgid(0, 0);
  ::signal(SIGPIPE, SIG_DFL);
  place(in, STDIN_FILENO);
  place(out, STDOUT_FILENO);
  place(err, STDERR_FILENO);
  place(control, kControlDescriptor);
  ::execvp(arguments[0], arguments);
  ::_exit(127);
}

}  // namespace

std::shared_ptr<ChildProcess> ChildProcess::start(const asio::any_io_executor& executor,
                                                  std::vector<std::string> command, Reader reader) {
  std::shared_ptr<ChildProcess> child(new ChildProcess(executor, std::move(reader)));
  child->launch(command);
  for (auto channel : {Channel::kStdout, Channel::kStderr, Channel::kControl}) {
    child->read(channel);
  }
  return child;
}

ChildProcess::ChildProcess(const asio::any_io_executor& executor, Reader reader)
    : reader_(std::move(reader)),
      in_(executor),
      out_(executor),
      err_(executor),
      control_(executor) {}

// What the program left behind goes with it.
ChildProcess::~ChildProcess() { signal_group(SIGKILL); }

void ChildProcess::launch(std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (auto& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  PipeEnds in, out, err, control;
  pid_ = ::fork();
  check(pid_ >= 0, "fork");
  if (pid_ == 0) {
    become(arguments.data(), in.reading, out.writing, err.writing, control.writing);
  }
  ::setpgid(pid_, pid_);  // both sides do it: whoever comes first
  in_.assign(std::exchange(in.writing, -1));
  out_.assign(std::exchange(out.reading, -1));
  err_.assign(std::exchange(err.reading, -1));
  control_.assign(std::exchange(control.reading, -1));
}

ChildProcess::Pipe& ChildProcess::pipe(Channel channel) {
  if (channel == Channel::kStdout) return out_;
  return channel == Channel::kStderr ? err_ : control_;
}

// The end of a pipe says nothing about the program: its own children may have closed or kept it.
// SIGCHLD tells.
void ChildProcess::read(Channel channel) {
  auto& buffer = buffers_.at(static_cast<std::size_t>(channel));
  auto heard = [weak = weak_from_this(), channel, &buffer](auto failure, std::size_t count) {
    auto self = weak.lock();
    if (!self || failure) return;
    self->reader_(channel, {buffer.data(), count});
    self->read(channel);
  };
  pipe(channel).async_read_some(asio::buffer(buffer), std::move(heard));
}

void ChildProcess::write(std::string text) {
  unwritten_.push_back(std::move(text));
  if (unwritten_.size() == 1) write_next();
}

void ChildProcess::write_next() {
  auto text = std::make_shared<std::string>(std::move(unwritten_.front()));
  asio::async_write(in_, asio::buffer(*text),
                    [weak = weak_from_this(), text](auto failure, std::size_t) {
                      auto self = weak.lock();
                      if (!self || failure) return;
                      self->unwritten_.pop_front();
                      if (!self->unwritten_.empty()) self->write_next();
                    });
}

void ChildProcess::drain() {
  for (auto channel : {Channel::kStdout, Channel::kStderr, Channel::kControl}) {
    if (!pipe(channel).native_non_blocking()) pipe(channel).native_non_blocking(true);
    auto& buffer = buffers_.at(static_cast<std::size_t>(channel));
    ssize_t count = 0;
    while ((count = ::read(pipe(channel).native_handle(), buffer.data(), buffer.size())) > 0) {
      reader_(channel, {buffer.data(), static_cast<std::size_t>(count)});
    }
  }
}

void ChildProcess::signal_group(int signal) const {
  if (pid_ > 0) ::kill(-pid_, signal);
}

std::string describe_exit(int status) {
  if (WIFEXITED(status)) {
    const int code = WEXITSTATUS(status);
    return code == 127 ? "its program could not be started" : "exit code " + std::to_string(code);
  }
  const int signal = WTERMSIG(status);
  return "signal " + std::to_string(signal) + (signal == SIGKILL ? " (out of memory?)" : "");
}

}  // namespace bridge
