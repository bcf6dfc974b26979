#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace berth::http::wire {

// The real program, on free ports and in a folder of its own, with an engine that is not there: its
// wire needs none.
class BerthProcess {
 public:
  BerthProcess() {
    std::string pattern = (std::filesystem::temp_directory_path() / "berth-wire-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    start();
    ports_["platform"] = read_port("platform ");
    ports_["matlab"] = read_port("matlab ");
  }

  ~BerthProcess() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    ::close(output_);
    std::filesystem::remove_all(folder_);
  }

  std::uint16_t port(const std::string& face) const { return ports_.at(face); }
  bool is_running() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

 private:
  void start() {
    std::vector<std::string> variables{"BERTH_STATE_DIR=" + folder_.string() + "/state",
                                       "BERTH_MATLAB_DATA_ROOT=" + folder_.string() + "/matlab",
                                       "BERTH_DOCKER_HOST=unix://" + folder_.string() + "/none",
                                       "BERTH_PLATFORM_LISTEN=127.0.0.1:0",
                                       "BERTH_MATLAB_LISTEN=127.0.0.1:0",
                                       "BERTH_LOG_LEVEL=error"};
    std::vector<char*> environment;
    for (std::string& variable : variables) environment.push_back(variable.data());
    environment.push_back(nullptr);
    std::string program = BERTH_BINARY;
    std::string verb = "serve";
    std::array<char*, 3> arguments{program.data(), verb.data(), nullptr};

    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, pipe[1], STDOUT_FILENO);
    const int error = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments.data(),
                                    environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(pipe[1]);
    output_ = pipe[0];
    if (error != 0) throw std::runtime_error("cannot start " + program);
  }

  // Of the line "platform http://127.0.0.1:PORT".
  std::uint16_t read_port(std::string_view name) {
    for (std::string line; !(line = read_line()).empty();) {
      if (!line.starts_with(name)) continue;
      std::uint16_t port = 0;
      const char* digits = line.data() + line.rfind(':') + 1;
      std::from_chars(digits, line.data() + line.size(), port);
      return port;
    }
    throw std::runtime_error("berth did not start");
  }

  std::string read_line() {
    std::string line;
    for (char c = 0; ::read(output_, &c, 1) == 1;) {
      if (c == '\n') return line;
      line += c;
    }
    return line;
  }

  std::filesystem::path folder_;
  pid_t pid_ = -1;
  int output_ = -1;
  std::map<std::string, std::uint16_t> ports_;
};

}  // namespace berth::http::wire
