#include "base/log.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <memory>
#include <mutex>

#include "base/utf8.hpp"

namespace berth {
namespace {

// A line up to PIPE_BUF is written whole or not at all, so that writers never mix and a ready pipe
// never blocks.
constexpr std::size_t kLineBytes = 4096;
constexpr std::size_t kStampBytes = 25;  // "2026-01-02T03:04:05.678Z "
constexpr int kWriteWaitMs = 100;
constexpr std::string_view kCut = "...";

// Standard error by write(2): no stdio buffer, no waiting for a reader that hangs, no complaint
// when it is gone.
class StderrSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  StderrSink() {
    // A closed reader must be an error, not a signal. Who starts other programs gives them SIGPIPE
    // back.
    struct sigaction present{};
    if (::sigaction(SIGPIPE, nullptr, &present) == 0 && present.sa_handler == SIG_DFL) {
      std::signal(SIGPIPE, SIG_IGN);
    }
    // With fd 2 closed at start, the next socket would be number 2 and receive the log.
    if (::fcntl(STDERR_FILENO, F_GETFD) == -1 && errno == EBADF) occupy_stderr();
  }

 private:
  static void occupy_stderr() {
    const int fd = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || fd == STDERR_FILENO) return;
    ::dup2(fd, STDERR_FILENO);
    ::close(fd);
  }

  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    pollfd ready{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&ready, 1, kWriteWaitMs) != 1) return;
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  }

  void flush_() override {}
};

spdlog::logger& logger() {
  static spdlog::logger* const instance = [] {
    auto* made =
        new spdlog::logger("berth", std::make_shared<StderrSink>());  // outlives every static
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc));
    made->set_error_handler([](const std::string&) {});
    return made;
  }();
  return *instance;
}

struct LevelName {
  LogLevel level;
  std::string_view name;
  spdlog::level::level_enum native;
};

constexpr std::array<LevelName, 5> kLevels{{{LogLevel::kDebug, "debug", spdlog::level::debug},
                                            {LogLevel::kInfo, "info", spdlog::level::info},
                                            {LogLevel::kWarn, "warn", spdlog::level::warn},
                                            {LogLevel::kError, "error", spdlog::level::err},
                                            {LogLevel::kError, "off", spdlog::level::off}}};

const LevelName& find_level(LogLevel level) { return kLevels[static_cast<std::size_t>(level)]; }

std::string compose(LogLevel level, std::string_view event,
                    std::initializer_list<LogField> fields) {
  std::string line(find_level(level).name);
  line.append(" ").append(escape_log_value(event));
  for (const LogField& field : fields) {
    line.append(" ")
        .append(field.key)
        .append("=\"")
        .append(escape_log_value(field.value))
        .append("\"");
  }
  constexpr std::size_t kRoom = kLineBytes - kStampBytes - 1;
  if (line.size() > kRoom) line.replace(kRoom - kCut.size(), std::string::npos, kCut);
  return line;
}

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode's Cc, Cf, line and paragraph separators: what could hide, reorder or end a line.
constexpr Range kInvisible[] = {{0x00, 0x1F},       {0x7F, 0x9F},       {0xAD, 0xAD},
                                {0x600, 0x605},     {0x61C, 0x61C},     {0x6DD, 0x6DD},
                                {0x70F, 0x70F},     {0x890, 0x891},     {0x8E2, 0x8E2},
                                {0x180E, 0x180E},   {0x200B, 0x200F},   {0x2028, 0x202E},
                                {0x2060, 0x206F},   {0xFEFF, 0xFEFF},   {0xFFF0, 0xFFFB},
                                {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F},
                                {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};

bool is_invisible(char32_t value) {
  for (const Range& range : kInvisible) {
    if (value < range.first) return false;
    if (value <= range.last) return true;
  }
  return false;
}

std::string hex(char32_t value, std::size_t digits) {
  std::string text;
  for (std::size_t i = digits; i-- > 0;) text += "0123456789ABCDEF"[value >> (4 * i) & 0xF];
  return text;
}

void append_escaped(std::string& out, char32_t value, std::string_view bytes) {
  if (value == U'"' || value == U'\\') {
    out.append("\\").append(bytes);
  } else if (!is_invisible(value)) {
    out.append(bytes);
  } else if (value < 0x80) {
    out.append("\\x").append(hex(value, 2));
  } else {
    out.append("\\u{").append(hex(value, value > 0xFFFF ? 6 : 4)).append("}");
  }
}

}  // namespace

bool log_enabled(LogLevel level) { return logger().should_log(find_level(level).native); }

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (!log_enabled(level)) return;
  try {
    logger().log(find_level(level).native, compose(level, event, fields));
  } catch (...) {
    // Out of memory: a lost line is better than a lost program.
  }
}

bool set_log_level(std::string_view name) {
  for (const LevelName& level : kLevels) {
    if (level.name != name) continue;
    logger().set_level(level.native);
    return true;
  }
  return false;
}

std::string escape_log_value(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  while (!value.empty()) {
    const std::string_view before = value;
    if (auto point = take_code_point(value)) {
      append_escaped(out, *point, before.substr(0, before.size() - value.size()));
    } else {
      out.append("\\x").append(hex(static_cast<unsigned char>(value[0]), 2));
      value.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace berth
