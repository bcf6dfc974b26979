#include "api/v1/details_zh.hpp"

#include <gtest/gtest.h>

#include "core/attempts.hpp"
#include "core/rules.hpp"

namespace berth::api::v1 {
namespace {

std::string said_of(const Result<>& refused) {
  const std::string& message = refused.error().message;
  const auto colon = message.find(": ");
  return detail_zh(colon == std::string::npos ? message : message.substr(colon + 2)).value_or("");
}

TEST(DetailsZhTest, WhatTheFormsMeetIsSaidInChinese) {
  EXPECT_EQ(said_of(rules::check_password("short", 8)), "至少 8 个字符");
  EXPECT_EQ(said_of(rules::check_password(std::string(300, 'x'), 8)), "最多 256 字节");
  EXPECT_EQ(said_of(rules::check_user_name("a b")), "须为 1 至 32 个字母、数字或 _ . -（ASCII）");
  EXPECT_NE(said_of(rules::check_email("nobody")), "");
  EXPECT_EQ(said_of(rules::check_email(std::string(300, 'x') + "@y")), "最多 254 个字符");
  EXPECT_EQ(said_of(rules::check_name("name", "")), "须为 1 至 64 个字符");
  EXPECT_NE(said_of(rules::check_name("name", "a\tb")), "");
  EXPECT_EQ(said_of(rules::check_name("name", "\xFF")), "须为 UTF-8 编码");
}

TEST(DetailsZhTest, NumbersStayAndOtherWordsAreLeft) {
  EXPECT_EQ(detail_zh("too many failed log-ins, try again in 899 s"),
            "登录失败次数过多，请在 899 秒后重试");
  EXPECT_EQ(detail_zh("no free ports left between 6000 and 8000"),
            "6000 至 8000 之间已没有空闲端口");
  EXPECT_EQ(detail_zh("too many failed log-ins, try again in  s"), std::nullopt);
  EXPECT_EQ(detail_zh("too many failed log-ins, try again in 9 s."), std::nullopt);
  EXPECT_EQ(detail_zh("No such image: x"), std::nullopt);
  EXPECT_EQ(detail_zh(""), std::nullopt);
}

}  // namespace
}  // namespace berth::api::v1
