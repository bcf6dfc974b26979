#include "http/target.hpp"

#include <gtest/gtest.h>

namespace berth::http {
namespace {

TEST(TargetTest, DecodesThePathExactlyOnceAndLeavesTheQuery) {
  const auto target = parse_target("/a%20b/%252e%252e/%E4%B8%AD?x=%31&y");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a b/%2e%2e/\u4e2d");
  EXPECT_EQ(target->query, "x=%31&y");
}

TEST(TargetTest, TakesOrdinaryForms) {
  for (const char* good :
       {"/", "/a", "/a/", "/?", "/a;x=1/b", "/a/...", "/a/..b", "/a?next=//b/../c", "/%41"}) {
    EXPECT_TRUE(parse_target(good)) << good;
  }
}

TEST(TargetTest, RefusesWhatTwoReadersCouldReadTwoWays) {
  for (const char* bad :
       {"",       "*",       "a",          "http://x/", "//",      "//a",    "/a//b",
        "/a//",   "/.",      "/..",        "/a/./b",    "/a/../b", "/a/..",  "/%2e%2e/a",
        "/%2E/a", "/a/.%2e", "/a%2fb",     "/a%2Fb",    "/a%5cb",  "/a\\b",  "/a%00",
        "/1%00",  "/a%0Ab",  "/a%0d",      "/a%1b",     "/a%7f",   "/%",     "/%4",
        "/%4g",   "/%g4",    "/%%41",      "/a b",      "/a#b",    "/a?b#c", "/\xC3\xA9",
        "/%ff",   "/%c0%af", "/%ed%a0%80", "/a\tb",     "/a?x y",  "/a?\x7f"}) {
    EXPECT_FALSE(parse_target(bad)) << bad;
  }
}

TEST(TargetTest, DecodingLeavesPlusAlone) {
  EXPECT_EQ(decode_percent("a+b%2Bc"), "a+b+c");
  EXPECT_FALSE(decode_percent("%zz"));
}

}  // namespace
}  // namespace berth::http
