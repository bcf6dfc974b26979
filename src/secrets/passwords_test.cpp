#include "secrets/passwords.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>

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

// The processor time of this thread: other work on the machine does not count.
double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

TEST(PasswordsTest, AnUnknownUserCostsWhatAWrongPasswordCosts) {
  const auto hash = hash_password("right");
  EXPECT_FALSE(verify_dummy("berth"));  // makes its own hash the first time
  auto least = [](auto work) {
    double best = 1e9;
    for (int i = 0; i < 7; ++i) {
      const double start = cpu_seconds();
      work();
      best = std::min(best, cpu_seconds() - start);
    }
    return best;
  };
  const double wrong = least([&] { (void)verify_password(*hash, "wrong"); });
  const double unknown = least([&] { (void)verify_dummy("wrong"); });
  // A user that does not exist and no hash at all would be a thousand times cheaper.
  EXPECT_LT(unknown, wrong * 4);
  EXPECT_GT(unknown, wrong / 4);
}

}  // namespace
}  // namespace berth::secrets
