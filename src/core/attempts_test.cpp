#include "core/attempts.hpp"

#include <gtest/gtest.h>

namespace berth {
namespace {

using namespace std::chrono_literals;

TEST(AttemptsTest, RefusesTheSixthGuessWithinFifteenMinutes) {
  Attempts attempts;
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(attempts.admit("ann", "10.0.0.1", 0ms));
    attempts.failed("ann", "10.0.0.1", 0ms);
  }
  const auto refused = attempts.admit("ann", "10.0.0.1", 60s);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooMany);
  EXPECT_EQ(refused.error().message, "too many failed log-ins, try again in 840 s");
  EXPECT_TRUE(attempts.admit("ann", "10.0.0.1", 15min));
}

TEST(AttemptsTest, DoesNotLockTheOwnerOutFromAnotherAddress) {
  Attempts attempts;
  for (int i = 0; i < 20; ++i) attempts.failed("ann", "10.0.0.1", 0ms);
  EXPECT_TRUE(attempts.admit("ann", "10.0.0.2", 0ms));
}

TEST(AttemptsTest, RefusesAnAddressThatSpraysManyAccounts) {
  Attempts attempts;
  for (int i = 0; i < 30; ++i) attempts.failed("user" + std::to_string(i), "10.0.0.1", 0ms);
  EXPECT_FALSE(attempts.admit("somebody else", "10.0.0.1", 1s));
  EXPECT_TRUE(attempts.admit("somebody else", "10.0.0.1", 60s));
}

TEST(AttemptsTest, ForgetsFailuresAfterASuccess) {
  Attempts attempts;
  for (int i = 0; i < 4; ++i) attempts.failed("ann", "a", 0ms);
  attempts.succeeded("ann", "a");
  attempts.failed("ann", "a", 0ms);
  EXPECT_TRUE(attempts.admit("ann", "a", 0ms));
}

TEST(AttemptsTest, LetsAClassBehindOneAddressLogIn) {
  Attempts attempts;
  for (int i = 0; i < 100; ++i) {
    const std::string student = "student" + std::to_string(i);
    ASSERT_TRUE(attempts.admit(student, "10.0.0.1", 0ms));
    attempts.failed(student, "10.0.0.1", 0ms);
    attempts.succeeded(student, "10.0.0.1");
  }
}

TEST(AttemptsTest, RemembersABoundedNumberOfKeys) {
  Attempts attempts({.remembered = 10});
  for (int i = 0; i < 1000; ++i)
    attempts.failed("u" + std::to_string(i), "a" + std::to_string(i), 0ms);
  for (int i = 0; i < 5; ++i) attempts.failed("late", "l", 0ms);
  EXPECT_FALSE(attempts.admit("late", "l", 0ms));
}

}  // namespace
}  // namespace berth
