#include "secrets/passwords.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace berth::secrets {
namespace {

TEST(PasswordsTest, VerifiesOnlyTheRightPassword) {
  const auto hash = hash_password("114514");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << *hash;
  EXPECT_TRUE(verify_password(*hash, "114514"));
  EXPECT_FALSE(verify_password(*hash, "114515"));
  EXPECT_FALSE(verify_password(*hash, ""));
}

TEST(PasswordsTest, SaltsEachHash) { EXPECT_NE(*hash_password("same"), *hash_password("same")); }

TEST(PasswordsTest, TakesAnyBytes) {
  const std::string odd("密码\0x", 8);
  EXPECT_TRUE(verify_password(*hash_password(odd), odd));
  EXPECT_FALSE(verify_password(*hash_password(odd), "密码"));
}

TEST(PasswordsTest, AHashThatIsNoneMatchesNothing) {
  for (const char* hash : {"", "!", "$argon2id$", "$argon2id$v=19$m=19456,t=2,p=1$$", "plain"}) {
    EXPECT_FALSE(verify_password(hash, "plain")) << hash;
  }
}

TEST(PasswordsTest, AnUnknownUserCostsWhatAWrongPasswordCosts) {
  using Clock = std::chrono::steady_clock;
  const auto hash = hash_password("right");
  EXPECT_FALSE(verify_dummy("berth"));  // makes its own hash the first time
  // The quickest of several: what the work takes when nobody else has the core.
  auto quickest = [](auto work) {
    auto best = Clock::duration::max();
    for (int i = 0; i < 7; ++i) {
      const auto start = Clock::now();
      work();
      best = std::min(best, Clock::now() - start);
    }
    return std::chrono::duration<double>(best).count();
  };
  const double wrong = quickest([&] { (void)verify_password(*hash, "wrong"); });
  const double unknown = quickest([&] { (void)verify_dummy("wrong"); });
  EXPECT_LT(unknown, wrong * 2);
  EXPECT_GT(unknown, wrong / 2);
}

}  // namespace
}  // namespace berth::secrets
