#include "base/utf8.hpp"

#include <gtest/gtest.h>

namespace berth {
namespace {

TEST(Utf8Test, CountsCodePointsNotBytes) {
  EXPECT_EQ(count_code_points(""), 0u);
  EXPECT_EQ(count_code_points("abc"), 3u);
  EXPECT_EQ(count_code_points("无GPU"), 4u);
  EXPECT_EQ(count_code_points("\xF0\x9F\x90\x8B"), 1u);
  EXPECT_EQ(count_code_points(std::string_view("a\0b", 3)), 3u);
}

TEST(Utf8Test, CountsTheSameWhereverInALongTextALetterStands) {
  for (std::size_t place = 0; place < 40; ++place) {
    std::string text(40, 'a');
    text.insert(place, "无");
    EXPECT_EQ(count_code_points(text), 41u) << place;
    text[place] = '\xFF';
    EXPECT_FALSE(count_code_points(text)) << place;
  }
}

TEST(Utf8Test, RefusesWhatRfc3629Refuses) {
  for (const char* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xF0\x80\x80\x80",
                          "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
                          "\xFF", "\xE6\x97", "\xC3(", "ok\xE6\x97"}) {
    EXPECT_FALSE(count_code_points(bad)) << bad;
  }
}

TEST(Utf8Test, DecodesTheEdgesOfEachLength) {
  const std::pair<const char*, char32_t> edges[] = {{"\x7F", 0x7F},
                                                    {"\xC2\x80", 0x80},
                                                    {"\xDF\xBF", 0x7FF},
                                                    {"\xE0\xA0\x80", 0x800},
                                                    {"\xED\x9F\xBF", 0xD7FF},
                                                    {"\xEE\x80\x80", 0xE000},
                                                    {"\xEF\xBF\xBF", 0xFFFF},
                                                    {"\xF0\x90\x80\x80", 0x10000},
                                                    {"\xF4\x8F\xBF\xBF", 0x10FFFF}};
  for (const auto& [text, point] : edges) {
    std::string_view rest = text;
    EXPECT_EQ(take_code_point(rest), point);
    EXPECT_TRUE(rest.empty());
  }
}

TEST(Utf8Test, RepairKeepsGoodTextAndReplacesBadBytes) {
  EXPECT_EQ(repair_utf8("镜像 ok"), "镜像 ok");
  EXPECT_EQ(repair_utf8("a\xFF"
                        "b\xE6\x97"),
            "a\uFFFDb\uFFFD\uFFFD");
}

}  // namespace
}  // namespace berth
