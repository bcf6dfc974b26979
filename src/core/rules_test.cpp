#include "core/rules.hpp"

#include <gtest/gtest.h>

#include <string>

namespace berth::rules {
namespace {

std::string message(const Result<>& result) {
  if (result) return "ok";
  EXPECT_EQ(result.error().code, ErrorCode::kInvalid);
  return result.error().message;
}

TEST(RulesTest, UserNamesAreAsciiLettersDigitsAndThreeMarks) {
  for (const char* good : {"a", "admin", "A.b-c_9", "-", "0123456789abcdef0123456789abcdef"}) {
    EXPECT_EQ(message(check_user_name(good)), "ok") << good;
  }
  for (std::string bad : {"", "a b", "é", "用户", "a\n", "a\r\nSet-Cookie: x", "'; --", "$(id)",
                          "a/b", "a;b", "a=b", "0123456789abcdef0123456789abcdefX", "\xFF"}) {
    EXPECT_EQ(message(check_user_name(bad)),
              "username: must be 1 to 32 of ASCII letters, digits and _ . -")
        << bad;
  }
  EXPECT_FALSE(check_user_name(std::string_view("a\0", 2)));
}

TEST(RulesTest, AnEmailHasOneAtAndNoSpaces) {
  for (std::string good : {"a@b", "lsy@mail2.sysu.edu.cn", "a+b'c@d"})
    EXPECT_TRUE(check_email(good)) << good;
  EXPECT_TRUE(check_email(std::string(252, 'a') + "@b"));
  EXPECT_FALSE(check_email(std::string(253, 'a') + "@b"));
  for (std::string bad :
       {"", "@", "a@", "@b", "ab", "a@b@c", "a @b", "a@b\n", "a@b\x7F", "é@b", "a\t@b"}) {
    EXPECT_FALSE(check_email(bad)) << bad;
  }
}

TEST(RulesTest, PasswordsCountCharactersBelowAndBytesAbove) {
  EXPECT_TRUE(check_password("114514", 6));
  EXPECT_EQ(message(check_password("11451", 6)), "password: must be at least 6 characters");
  EXPECT_TRUE(check_password("密码密码密码", 6));
  EXPECT_FALSE(check_password("密码密码密", 6));
  EXPECT_TRUE(check_password(std::string(256, 'x'), 6));
  EXPECT_EQ(message(check_password(std::string(257, 'x'), 6)),
            "password: must be at most 256 bytes");
  EXPECT_EQ(message(check_password("abcdef\xFF", 6)), "password: must be UTF-8");
}

TEST(RulesTest, NamesAreOfAnyScript) {
  for (const char* good : {"n", "测试容器", "'; DROP TABLE x; --", "$(id)", "\xF0\x9F\x90\x8B",
                           "Ünïcödé", " a ", "مرحبا"}) {
    EXPECT_EQ(message(check_name("name", good)), "ok") << good;
  }
  std::string longest;
  for (int i = 0; i < 64; ++i) longest += "\xF0\x9F\x90\x8B";
  EXPECT_TRUE(check_name("name", longest));
  EXPECT_EQ(message(check_name("name", longest + "x")), "name: must be 1 to 64 characters");
  EXPECT_EQ(message(check_name("name", "")), "name: must be 1 to 64 characters");
}

TEST(RulesTest, NamesHaveNoControlsSeparatorsOrReversingMarks) {
  for (const char* bad : {"a\nb", "a\x1B[31m", "\x7F", "\u0080", "\u009F", "\u2028", "\u2029",
                          "\u202A", "a\u202Eb", "\u2066", "\u2069"}) {
    EXPECT_EQ(message(check_name("name", bad)),
              "name: must not have control characters or marks that reverse text");
  }
  EXPECT_FALSE(check_name("name", std::string_view("a\0b", 3)));
  EXPECT_TRUE(check_name("name", "\u00A0\u2027\u202F\u2065\u206A"));
  EXPECT_EQ(message(check_name("name", "a\xC0\x80")), "name: must be UTF-8");
}

TEST(RulesTest, SessionIdsMayBeEmptyAndTwiceAsLong) {
  EXPECT_TRUE(check_session_id(""));
  EXPECT_TRUE(check_session_id(std::string(128, 'x')));
  EXPECT_EQ(message(check_session_id(std::string(129, 'x'))),
            "session_id: must be 0 to 128 characters");
  EXPECT_FALSE(check_session_id("a\nfake log line"));
}

}  // namespace
}  // namespace berth::rules
