#include "engine/docker/log_frames.hpp"

#include <gtest/gtest.h>

namespace berth::docker {
namespace {

constexpr std::string_view kTime = "2026-01-02T03:04:05.678901234Z";

std::string frame(char stream, const std::string& text) {
  std::string header(8, '\0');
  header[0] = stream;
  header[6] = static_cast<char>(text.size() >> 8);
  header[7] = static_cast<char>(text.size());
  return header + text;
}

std::string stamped(const std::string& text) { return std::string(kTime) + " " + text + "\n"; }

TEST(LogFramesTest, ReadsFramesOfBothStreams) {
  const auto lines = parse_logs(frame(1, stamped("hello")) + frame(2, stamped("oh no"))).value();
  EXPECT_EQ(lines, (std::vector<EngineLogLine>{{std::string(kTime), false, "hello"},
                                               {std::string(kTime), true, "oh no"}}));
}

TEST(LogFramesTest, ReadsWhatATtyPrints) {
  const auto lines =
      parse_logs(std::string(kTime) + " a\r\n" + std::string(kTime) + " b\r\n").value();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].text, "b");
}

TEST(LogFramesTest, KeepsEmptyLinesAndLinesWithoutATime) {
  const auto lines = parse_logs(frame(1, stamped("") + "no time here\n")).value();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].text, "");
  EXPECT_EQ(lines[1], (EngineLogLine{"", false, "no time here"}));
}

TEST(LogFramesTest, TakesWhatIsCutOffAsFarAsItGoes) {
  const std::string whole = frame(1, stamped("hello"));
  for (std::size_t size = 0; size <= whole.size(); ++size)
    EXPECT_TRUE(parse_logs(whole.substr(0, size)));
  EXPECT_EQ(parse_logs(whole.substr(0, whole.size() - 3)).value().front().text, "hel");
  EXPECT_TRUE(parse_logs("").value().empty());
}

}  // namespace
}  // namespace berth::docker
