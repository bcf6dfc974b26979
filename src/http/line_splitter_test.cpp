#include "http/line_splitter.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace berth::http {
namespace {

TEST(LineSplitterTest, CutsInPiecesOfAnySize) {
  const std::string text = "one\ntwo\r\n\n\r\nthree\nunfinished";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    LineSplitter splitter(10);
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at += piece) {
      ASSERT_TRUE(splitter.put(std::string_view(text).substr(at, piece), [&](auto line) {
        lines.emplace_back(line);
        return true;
      }));
    }
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "three"})) << piece;
  }
}

TEST(LineSplitterTest, RefusesALineThatIsTooLong) {
  LineSplitter splitter(3);
  int lines = 0;
  EXPECT_FALSE(splitter.put("abc\nabcd", [&](auto) { return ++lines > 0; }));
  EXPECT_EQ(lines, 1);
}

TEST(LineSplitterTest, EndsWhenALineIsNotUnderstood) {
  LineSplitter splitter(10);
  int lines = 0;
  EXPECT_FALSE(splitter.put("a\nb\nc\n", [&](auto) { return ++lines < 2; }));
  EXPECT_EQ(lines, 2);
}

}  // namespace
}  // namespace berth::http
