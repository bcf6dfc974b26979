#include "http/tokens.hpp"

#include <gtest/gtest.h>

namespace berth::http {
namespace {

TEST(TokensTest, KnowsTokensFromOtherText) {
  EXPECT_TRUE(is_token("X-Request_1!#$%&'*+.^`|~"));
  for (std::string_view bad :
       {"", "a b", "a:", "a/b", "(a)", "a\x7f", "\xC3\xA9", "a\"b", "[a]", "a=b", "a@b", "{a}"}) {
    EXPECT_FALSE(is_token(bad)) << bad;
  }
}

TEST(TokensTest, KnowsFieldAndCookieValues) {
  EXPECT_TRUE(is_field_value("a b\tc \xC3\xA9"));
  EXPECT_FALSE(is_field_value(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_field_value("a\rb"));
  EXPECT_TRUE(is_cookie_value("a=b:c/%20{}"));
  for (std::string_view bad : {"a b", "a;b", "a,b", "a\"b", "a\\b", "\xC3\xA9", "a\n"})
    EXPECT_FALSE(is_cookie_value(bad));
}

TEST(TokensTest, FindsAnEntryOfAList) {
  EXPECT_TRUE(list_contains("Close", "close"));
  EXPECT_TRUE(list_contains("upgrade ,\tCLOSE", "close"));
  EXPECT_TRUE(list_contains(",close,", "close"));
  EXPECT_FALSE(list_contains("closed, not-close", "close"));
  EXPECT_FALSE(list_contains("", "close"));
}

TEST(TokensTest, TrimsAndLowers) {
  EXPECT_EQ(trim_blanks(" \ta b\t "), "a b");
  EXPECT_EQ(trim_blanks(" \t"), "");
  EXPECT_EQ(lower_case("X-Ab1"), "x-ab1");
}

}  // namespace
}  // namespace berth::http
