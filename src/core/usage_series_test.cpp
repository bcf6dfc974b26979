#include "core/usage_series.hpp"

#include <gtest/gtest.h>

namespace berth {
namespace {

WallTime at_second(std::int64_t seconds) {
  return from_unix_ms(1'000'000'000'000 + seconds * 1000);
}

TEST(UsageSeriesTest, KeepsTheMeanOfTenSeconds) {
  UsageSeries series;
  for (int i = 0; i < 10; ++i) series.add(at_second(i), i < 5 ? 0 : 100, 1000);
  EXPECT_TRUE(series.since({}).empty()) << "not whole yet";
  series.add(at_second(10), 7, 7);
  EXPECT_EQ(series.since({}), (std::vector<UsageSample>{{at_second(10), 50, 1000}}));
}

TEST(UsageSeriesTest, RemembersAnHourAndNotMore) {
  UsageSeries series;
  for (int i = 0; i < 2 * 3600; ++i) series.add(at_second(i), 1, 1);
  const auto all = series.since({});
  EXPECT_EQ(all.size(), UsageSeries::kMost);
  EXPECT_EQ(series.since(all[357].at).size(), 2u);
  EXPECT_FALSE(series.is_stale(at_second(2 * 3600)));
}

TEST(UsageSeriesTest, AGapStaysAGap) {
  UsageSeries series;
  series.add(at_second(0), 1, 1);
  series.add(at_second(100), 1, 1);
  series.add(at_second(110), 1, 1);
  const auto all = series.since({});
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].at - all[0].at, std::chrono::seconds(100));
}

TEST(UsageSeriesTest, WhatIsNotKnownIsNeitherZeroNorCounted) {
  UsageSeries series;
  series.add(at_second(0), std::nullopt, 1000);
  series.add(at_second(5), 80, std::nullopt);
  series.add(at_second(10), std::nullopt, std::nullopt);
  series.add(at_second(20), std::nullopt, 500);
  series.add(at_second(30), 1, 1);
  EXPECT_EQ(series.since({}), (std::vector<UsageSample>{{at_second(10), 80, 1000},
                                                        {at_second(30), std::nullopt, 500}}));
}

TEST(UsageSeriesTest, NeverRunsBackwards) {
  UsageSeries series;
  for (int second : {100, 110, 0, 10, 120, 130}) series.add(at_second(second), 1, 1);
  const auto all = series.since({});
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].at, all[i].at);
}

}  // namespace
}  // namespace berth
