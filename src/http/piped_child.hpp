#pragma once

#include <sys/types.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <string>
#include <vector>

namespace berth::http {

// A program whose input and output are one socket of ours, for as long as it is wanted. What it
// complains about is read as it comes, and the beginning of that kept. In a group of its own, so
// that a Ctrl-C that is meant for us does not reach it. One thread.
class PipedChild : public std::enable_shared_from_this<PipedChild> {
 public:
  explicit PipedChild(boost::asio::io_context& io);

  // Looks the program up in PATH and hands it these very arguments: no shell ever sees them.
  // `socket` is closed here, whatever comes of it.
  boost::system::error_code start(std::vector<std::string> argv, int socket);
  // Kills it with everything it has started, and has it reaped. May be called more than once.
  void end();
  // Its complaints so far, on one line.
  std::string said();

 private:
  void read_complaints();
  void keep(const char* words, std::size_t bytes);

  boost::asio::io_context& io_;
  boost::asio::posix::stream_descriptor complaints_;
  std::array<char, 1024> piece_{};
  std::string said_;
  pid_t pid_ = 0;
};

}  // namespace berth::http
