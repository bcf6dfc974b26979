#include "http/cookies.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace berth::http {
namespace {

Result<Cookies> parse(std::vector<std::string> lines) {
  Request request;
  for (auto& line : lines) request.headers.emplace_back("cookie", std::move(line));
  return Cookies::parse(request);
}

CookieState state_of(std::vector<std::string> lines, std::string_view name) {
  return parse(std::move(lines))->find(name).state;
}

TEST(CookiesTest, FindsValuesInOneHeaderAndInSeveral) {
  const auto cookies = parse({"username=li; user_token=a=b", "lang=zh"});
  EXPECT_EQ(cookies->find("username").value, "li");
  EXPECT_EQ(cookies->find("user_token").value, "a=b");
  EXPECT_EQ(cookies->find("lang").value, "zh");
  EXPECT_EQ(cookies->find("Username").state, CookieState::kAbsent);
}

TEST(CookiesTest, ReportsANameThatComesTwice) {
  EXPECT_EQ(state_of({"t=1; t=1"}, "t"), CookieState::kDuplicate);
  EXPECT_EQ(state_of({"t=1", "t=2"}, "t"), CookieState::kDuplicate);
  EXPECT_EQ(state_of({"t=1; t=\"x y\""}, "t"), CookieState::kDuplicate);
  EXPECT_EQ(state_of({"t=1; u=2; u=3"}, "t"), CookieState::kPresent);
}

TEST(CookiesTest, IgnoresWhatOthersLeftBehind) {
  const std::vector<std::string> lines{R"($Version=1; ; =x; junk; j={"a": 1, "b": 2}; a b=c;t=1)"};
  EXPECT_EQ(state_of(lines, "t"), CookieState::kPresent);
  EXPECT_EQ(state_of(lines, "j"), CookieState::kMalformed);
  EXPECT_EQ(state_of(lines, "$Version"), CookieState::kPresent);
  EXPECT_EQ(state_of({"t=\"1\""}, "t"), CookieState::kMalformed);
  EXPECT_EQ(state_of({"t="}, "t"), CookieState::kPresent);
  EXPECT_EQ(state_of({"t =1"}, "t"), CookieState::kAbsent);
}

TEST(CookiesTest, BoundsSizeAndCount) {
  EXPECT_EQ(parse({"a=" + std::string(limits::kCookieBytes, 'x')}).error().code,
            ErrorCode::kTooLarge);
  std::string many;
  for (std::size_t i = 0; i <= limits::kCookies; ++i) many += "a=1;";
  EXPECT_EQ(parse({many}).error().code, ErrorCode::kTooLarge);
}

TEST(CookiesTest, BuildsASetCookieHeader) {
  EXPECT_EQ(set_cookie("username", "li", {}).value(),
            "username=li; Path=/; HttpOnly; SameSite=Lax");
  const CookieOptions strict{
      .max_age_s = 0, .http_only = false, .secure = true, .same_site = SameSite::kStrict};
  EXPECT_EQ(set_cookie("t", "", strict).value(), "t=; Path=/; Max-Age=0; Secure; SameSite=Strict");
}

TEST(CookiesTest, RefusesToBuildWhatWouldNotComeBack) {
  for (const char* bad : {"a;b", "a\r\nSet-Cookie: x=y", "a b", "a,b", "\"a\"", "\u4e2d"}) {
    EXPECT_FALSE(set_cookie("t", bad, {})) << bad;
  }
  EXPECT_FALSE(set_cookie("", "a", {}));
  EXPECT_FALSE(set_cookie("a=b", "a", {}));
  EXPECT_FALSE(set_cookie(
      "a", "b",
      {.max_age_s = {}, .http_only = true, .secure = false, .same_site = SameSite::kNone}));
}

}  // namespace
}  // namespace berth::http
