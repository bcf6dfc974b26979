#include "http/piped_child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <chrono>

#include "base/spawn.hpp"

namespace berth::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kKept = 1024;
constexpr auto kReapAgain = std::chrono::milliseconds(10);

error_code last_error() { return {errno, boost::system::system_category()}; }

// What has been killed ends soon, but not at once.
void reap(asio::io_context& io, pid_t pid) {
  if (::waitpid(pid, nullptr, WNOHANG) != 0) return;
  auto timer = std::make_shared<asio::steady_timer>(io, kReapAgain);
  timer->async_wait([&io, pid, timer](error_code error) {
    if (!error) reap(io, pid);
  });
}

}  // namespace

PipedChild::PipedChild(asio::io_context& io) : io_(io), complaints_(io) {}

error_code PipedChild::start(std::vector<std::string> argv, int socket) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    const error_code error = last_error();
    ::close(socket);
    return error;
  }
  const int failed = spawn(argv, {socket, socket, ends[1]}, pid_);
  ::close(socket);
  ::close(ends[1]);
  if (failed != 0) {
    ::close(ends[0]);
    pid_ = 0;
    said_ = argv[0] + " cannot be run on this machine";
    return {failed, boost::system::system_category()};
  }
  error_code error;
  complaints_.assign(ends[0], error);
  complaints_.non_blocking(true, error);
  read_complaints();
  return {};
}

void PipedChild::read_complaints() {
  complaints_.async_read_some(asio::buffer(piece_),
                              [self = shared_from_this()](error_code error, std::size_t bytes) {
                                self->keep(self->piece_.data(), bytes);
                                if (!error) self->read_complaints();
                              });
}

void PipedChild::keep(const char* words, std::size_t bytes) {
  said_.append(words, std::min(bytes, kKept - std::min(said_.size(), kKept)));
}

void PipedChild::end() {
  error_code ignored;
  complaints_.close(ignored);
  if (pid_ == 0) return;
  ::kill(-pid_, SIGKILL);
  reap(io_, pid_);
  pid_ = 0;
}

// Its end may be noticed before its last words are.
std::string PipedChild::said() {
  std::array<char, 1024> piece;  // not the one that a read is waiting with
  error_code error;
  while (complaints_.is_open() && !error) {
    const std::size_t bytes = complaints_.read_some(asio::buffer(piece), error);
    if (!error) keep(piece.data(), bytes);
  }
  std::string line;
  for (const char c : said_) {
    const bool is_blank = static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
    if (!is_blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace berth::http
