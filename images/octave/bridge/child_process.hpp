#pragma once

#include <sys/types.h>

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace bridge {

// One run of a program with pipes on stdin, stdout, stderr and descriptor 3, in a process group of
// its own. Callbacks come on the executor's thread; after destruction none comes.
class ChildProcess : public std::enable_shared_from_this<ChildProcess> {
 public:
  enum class Channel { kStdout, kStderr, kControl };
  using Reader = std::function<void(Channel, std::string_view)>;

  // Throws std::system_error where the process cannot be made.
  static std::shared_ptr<ChildProcess> start(const boost::asio::any_io_executor& executor,
                                             std::vector<std::string> command, Reader reader);
  ~ChildProcess();

  pid_t pid() const { return pid_; }
  void write(std::string text);
  void signal_group(int signal) const;
  // Reads what is still in the pipes of a program that has ended.
  void drain();

 private:
  using Pipe = boost::asio::posix::stream_descriptor;

  ChildProcess(const boost::asio::any_io_executor& executor, Reader reader);
  void launch(std::vector<std::string>& command);
  void read(Channel channel);
  void write_next();
  Pipe& pipe(Channel channel);

  Reader reader_;
  pid_t pid_ = -1;
  Pipe in_, out_, err_, control_;
  std::array<std::array<char, 65536>, 3> buffers_;
  std::deque<std::string> unwritten_;
};

// "exit code 3", "signal 9 (out of memory?)", from what waitpid reported.
std::string describe_exit(int status);

}  // namespace bridge
