#include "base/log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <regex>

namespace berth {
namespace {

// Puts another file in the place of standard error for one test.
class StderrSwap {
 public:
  explicit StderrSwap(int replacement) : kept_(::dup(STDERR_FILENO)) {
    ::dup2(replacement, STDERR_FILENO);
  }
  ~StderrSwap() {
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
  }

 private:
  int kept_;
};

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0); }
  ~Pipe() {
    ::close(ends[0]);
    ::close(ends[1]);
  }
  std::string read_all() const {
    std::string text(1 << 16, '\0');
    const auto got = ::read(ends[0], text.data(), text.size());
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return text;
  }
  int ends[2];
};

TEST(LogTest, WritesOneLineWithTimeLevelAndQuotedFields) {
  Pipe pipe;
  {
    StderrSwap swap(pipe.ends[1]);
    log(LogLevel::kWarn, "disk is full", {{"path", "/var/x y"}, {"left", 3}});
  }
  const std::regex expected(
      R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warn disk is full path="/var/x y" left="3"\n)");
  EXPECT_TRUE(std::regex_match(pipe.read_all(), expected));
}

TEST(LogTest, LevelHidesWhatIsBelow) {
  Pipe pipe;
  {
    StderrSwap swap(pipe.ends[1]);
    ASSERT_TRUE(set_log_level("error"));
    EXPECT_FALSE(log_enabled(LogLevel::kWarn));
    log(LogLevel::kWarn, "hidden");
    ASSERT_TRUE(set_log_level("info"));
    EXPECT_FALSE(set_log_level("loud"));
    EXPECT_TRUE(log_enabled(LogLevel::kInfo));
  }
  EXPECT_EQ(pipe.read_all(), "");
}

TEST(LogTest, CutsAVeryLongLineButEndsIt) {
  Pipe pipe;
  {
    StderrSwap swap(pipe.ends[1]);
    log(LogLevel::kInfo, "long", {{"value", std::string(100'000, 'x')}});
  }
  const std::string line = pipe.read_all();
  EXPECT_EQ(line.size(), 4096u);
  EXPECT_TRUE(line.ends_with("x...\n"));
}

TEST(LogTest, SurvivesAReaderThatIsGoneOrHangsAndAClosedStderr) {
  {
    Pipe gone;
    StderrSwap swap(gone.ends[1]);
    ::close(gone.ends[0]);
    gone.ends[0] = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    log(LogLevel::kError, "nobody reads");
  }
  {
    Pipe full;
    ASSERT_GE(::fcntl(full.ends[1], F_SETPIPE_SZ, 4096), 4096);
    const std::string page(4096, 'x');
    ASSERT_EQ(::write(full.ends[1], page.data(), page.size()), 4096);
    StderrSwap swap(full.ends[1]);
    log(LogLevel::kError, "does not hang");
  }
  Pipe any;
  StderrSwap swap(any.ends[1]);
  ::close(STDERR_FILENO);
  log(LogLevel::kError, "closed");
}

TEST(LogTest, EscapesWhatCouldForgeALineOrATerminalSequence) {
  EXPECT_EQ(escape_log_value("plain \u4e2d\u6587"), "plain \u4e2d\u6587");
  EXPECT_EQ(escape_log_value("a\r\nb\tc"), "a\\x0D\\x0Ab\\x09c");
  EXPECT_EQ(escape_log_value("\x1b[2J\x7f"), "\\x1B[2J\\x7F");
  EXPECT_EQ(escape_log_value("say \"hi\" \\x0A"), "say \\\"hi\\\" \\\\x0A");
  EXPECT_EQ(escape_log_value("\u202egnp.exe"), "\\u{202E}gnp.exe");
  EXPECT_EQ(escape_log_value("\u0085\u2028"), "\\u{0085}\\u{2028}");
  EXPECT_EQ(escape_log_value("\U000E0041"), "\\u{0E0041}");
  EXPECT_EQ(escape_log_value(std::string_view("a\0\xff", 3)), "a\\x00\\xFF");
}

}  // namespace
}  // namespace berth
