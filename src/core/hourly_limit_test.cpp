#include "core/hourly_limit.hpp"

#include <gtest/gtest.h>

namespace berth {
namespace {

using Limit = HourlyLimit<int>;
using Verdict = Limit::Verdict;

WallTime at_minute(std::int64_t minute) { return from_unix_ms(minute * 60'000); }

TEST(HourlyLimitTest, SaysWhichIsTheLastOfTheHourForEachKey) {
  Limit limit(3);
  EXPECT_EQ(limit.count(1, at_minute(0)), Verdict::kWithin);
  EXPECT_EQ(limit.count(1, at_minute(10)), Verdict::kWithin);
  EXPECT_EQ(limit.count(1, at_minute(20)), Verdict::kLast);
  EXPECT_EQ(limit.count(1, at_minute(59)), Verdict::kBeyond);
  EXPECT_EQ(limit.count(2, at_minute(59)), Verdict::kWithin);
}

TEST(HourlyLimitTest, StartsAnewWithTheHourAndWhenTheClockIsSetBack) {
  Limit limit(1);
  EXPECT_EQ(limit.count(1, at_minute(119)), Verdict::kLast);
  EXPECT_EQ(limit.count(1, at_minute(119)), Verdict::kBeyond);
  EXPECT_EQ(limit.count(1, at_minute(120)), Verdict::kLast);
  EXPECT_EQ(limit.count(1, at_minute(60)), Verdict::kLast);
}

}  // namespace
}  // namespace berth
