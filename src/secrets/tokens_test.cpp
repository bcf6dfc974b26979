#include "secrets/tokens.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace berth::secrets {
namespace {

TEST(TokensTest, ATokenIs43UrlSafeCharactersAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string token = make_token();
    EXPECT_EQ(token.size(), 43u);
    EXPECT_EQ(
        token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos);
    seen.insert(token);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(TokensTest, TheHashIsSha256) {
  EXPECT_EQ(hash_token("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_token(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(TokensTest, APasswordDrawsEveryLetterAndDigitEquallyOften) {
  std::map<char, int> counts;
  const std::string text = make_password(62'000);
  for (char c : text) ++counts[c];
  EXPECT_EQ(counts.size(), 62u);
  // Expected 1000 each with a deviation of 31.4; a modulo of a byte would give the first eight
  // 1211.
  for (const auto& [c, count] : counts) EXPECT_NEAR(count, 1000, 200) << c;
  EXPECT_EQ(make_password(16).size(), 16u);
  EXPECT_EQ(make_password(0), "");
}

TEST(TokensTest, HexHasTwoDigitsAByte) {
  EXPECT_EQ(random_hex(8).size(), 16u);
  EXPECT_EQ(random_hex(8).find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(random_u64(), random_u64());
}

TEST(TokensTest, EqualityIsExact) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time({}, {}));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

}  // namespace
}  // namespace berth::secrets
