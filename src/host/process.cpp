#include "host/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/spawn.hpp"

namespace berth {
namespace {

using SteadyClock = std::chrono::steady_clock;

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  void reset() { *this = Fd(); }

 private:
  int fd_ = -1;
};

struct Pipe {
  Fd read_end;
  Fd write_end;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends;
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(ErrorCode::kInternal, std::strerror(errno));
  Pipe pipe{Fd(ends[0]), Fd(ends[1])};
  ::fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK);
  return pipe;
}

// Reads what is there. False once the stream has ended.
bool drain(const Fd& from, std::string& to, std::size_t most, bool& was_cut) {
  std::array<char, 16 * 1024> piece;
  while (true) {
    const ssize_t count = ::read(from.get(), piece.data(), piece.size());
    if (count < 0) return errno == EAGAIN || errno == EINTR;
    if (count == 0) return false;
    const std::size_t room = most - to.size();
    to.append(piece.data(), std::min(room, static_cast<std::size_t>(count)));
    was_cut |= static_cast<std::size_t>(count) > room;
  }
}

constexpr std::chrono::milliseconds kDeath{1'000};  // of what was killed

// A child that SIGKILL did not end. Until it is gone no other is started, so that there is never
// more than one of them; 0 = there is none.
std::atomic<pid_t> unkillable{0};

bool is_one_left() {
  const pid_t pid = unkillable;
  if (pid == 0 || ::waitpid(pid, nullptr, WNOHANG) == 0) return pid != 0;
  unkillable = 0;
  return false;
}

class Child {
 public:
  Child(pid_t pid, Fd output, Fd errors, ProcessBounds bounds)
      : pid_(pid),
        exit_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))),
        output_(std::move(output)),
        errors_(std::move(errors)),
        bounds_(bounds) {}

  // Ends when the program does, whoever may still hold its streams, or at the deadline.
  Result<ProcessResult> wait() {
    const auto until = SteadyClock::now() + bounds_.deadline;
    bool has_ended = false;
    while (!has_ended && SteadyClock::now() < until) {
      has_ended = poll_until(until);
      read_streams();
    }
    if (!has_ended) {
      ::kill(-pid_, SIGKILL);
      if (!ends_within(kDeath)) {
        unkillable = pid_;
        return fail(ErrorCode::kUnavailable, "it cannot even be killed");
      }
    }
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    if (!has_ended) return fail(ErrorCode::kUnavailable, "it did not end in time");
    result_.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return std::move(result_);
  }

 private:
  // True once the program has ended.
  bool poll_until(SteadyClock::time_point until) {
    std::array<pollfd, 3> fds = {pollfd{exit_.get(), POLLIN, 0}, pollfd{output_.get(), POLLIN, 0},
                                 pollfd{errors_.get(), POLLIN, 0}};
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(until - SteadyClock::now()).count();
    // Without a pidfd (an old kernel) the end is looked for every 20 ms.
    const auto patience = exit_.get() >= 0 ? left : std::min<decltype(left)>(left, 20);
    ::poll(fds.data(), fds.size(), static_cast<int>(std::max<decltype(left)>(patience, 0)));
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == pid_;
  }

  // What hangs in its driver does not die of SIGKILL: then it is left alone.
  bool ends_within(std::chrono::milliseconds patience) {
    const auto until = SteadyClock::now() + patience;
    while (SteadyClock::now() < until) {
      if (poll_until(until)) return true;
      read_streams();
    }
    return false;
  }

  void read_streams() {
    if (output_.get() >= 0 &&
        !drain(output_, result_.output, bounds_.output_bytes, result_.was_cut))
      output_.reset();
    if (errors_.get() >= 0 &&
        !drain(errors_, result_.errors, bounds_.output_bytes, result_.was_cut))
      errors_.reset();
  }

  pid_t pid_;
  Fd exit_;
  Fd output_;
  Fd errors_;
  ProcessBounds bounds_;
  ProcessResult result_;
};

}  // namespace

Result<ProcessResult> run_process(std::vector<std::string> argv, ProcessBounds bounds) {
  assert(!argv.empty());
  if (is_one_left())
    return fail(ErrorCode::kUnavailable, "a program that was run before cannot be killed");
  auto output = make_pipe();
  auto errors = make_pipe();
  if (!output) return std::unexpected(output.error());
  if (!errors) return std::unexpected(errors.error());
  const Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (nothing.get() < 0) return fail(ErrorCode::kInternal, std::strerror(errno));
  pid_t pid = 0;
  const SpawnStreams streams{nothing.get(), output->write_end.get(), errors->write_end.get()};
  const int error = spawn(argv, streams, pid);
  if (error == ENOENT) return fail(ErrorCode::kNotFound, argv[0] + ": there is no such program");
  if (error != 0) return fail(ErrorCode::kRefused, argv[0] + ": " + std::strerror(error));
  output->write_end.reset();
  errors->write_end.reset();
  auto result = Child(pid, std::move(output->read_end), std::move(errors->read_end), bounds).wait();
  if (!result) return fail(result.error().code, argv[0] + ": " + result.error().message);
  return result;
}

}  // namespace berth
