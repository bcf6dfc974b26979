#include "core/figures.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <string_view>

namespace berth::figures {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kGib = 1024 * 1024 * 1024;

TEST(FiguresTest, ReadAsDockerStatsPrintsThem) {
  EXPECT_EQ(memory_usage(2471804174, 4 * kGib), "2.302GiB / 4GiB");
  EXPECT_EQ(memory_percent(2471804174, 4 * kGib), "57.55%");
  EXPECT_EQ(percent(2.741), "2.74%");
  EXPECT_EQ(percent(200), "200.00%");
  // units.BytesSize of docker: %.4g of powers of 1024, so that 1023.999 KiB is "1024KiB".
  EXPECT_EQ(bytes(0), "0B");
  EXPECT_EQ(bytes(1), "1B");
  EXPECT_EQ(bytes(1023), "1023B");
  EXPECT_EQ(bytes(1024), "1KiB");
  EXPECT_EQ(bytes(1536), "1.5KiB");
  EXPECT_EQ(bytes(20 * 1024 * 1024 + 123456), "20.12MiB");
  EXPECT_EQ(bytes(1023 * 1024 + 1023), "1024KiB");
  EXPECT_EQ(bytes(kMax), "8EiB");
}

TEST(FiguresTest, CpuIsOfOneCore) {
  EXPECT_DOUBLE_EQ(cpu_percent(0, 1'000'000'000, 1s), 100);
  EXPECT_DOUBLE_EQ(cpu_percent(500, 500 + 2'740'000, 100ms), 2.74);
  EXPECT_DOUBLE_EQ(cpu_percent(0, 2'000'000'000, 1s), 200);
}

TEST(FiguresTest, ACounterThatGoesBackwardsIsZero) {
  EXPECT_EQ(cpu_percent(5'000, 100, 1s), 0);
  EXPECT_EQ(cpu_percent(kMax, kMin, 1s), 0);
  EXPECT_EQ(cpu_percent(-1, kMax, 1s), 0);
  EXPECT_EQ(cpu_percent(0, 100, 0s), 0);
  EXPECT_EQ(cpu_percent(0, 100, -1s), 0);
}

TEST(FiguresTest, NonsenseBecomesZero) {
  EXPECT_EQ(percent(-0.0), "0.00%");
  EXPECT_EQ(percent(-1), "0.00%");
  EXPECT_EQ(percent(std::numeric_limits<double>::quiet_NaN()), "0.00%");
  EXPECT_EQ(percent(std::numeric_limits<double>::infinity()), "0.00%");
  EXPECT_EQ(memory_percent(5, 0), "0.00%");
  EXPECT_EQ(memory_percent(-5, 10), "0.00%");
  EXPECT_EQ(memory_usage(-1, kMin), "0B / 0B");
}

RC_GTEST_PROP(FiguresTest, AreNeverNegativeOrInfinite,
              (std::int64_t before, std::int64_t after, std::int64_t used, std::int64_t limit,
               int elapsed)) {
  const double cpu = cpu_percent(before, after, std::chrono::milliseconds(elapsed));
  RC_ASSERT(std::isfinite(cpu) && cpu >= 0);
  for (const std::string& text :
       {percent(cpu), memory_percent(used, limit), memory_usage(used, limit)}) {
    RC_ASSERT(text.find_first_not_of("0123456789.%KMGTPEiB /") ==
              std::string::npos);  // no sign, no "inf", no "nan"
  }
}

// printf is what docker's own formatting is defined by.
RC_GTEST_PROP(FiguresTest, HaveTheDigitsThatPrintfGives, ()) {
  const auto count = *rc::gen::inRange<std::int64_t>(0, 1024);
  char expected[32];
  std::snprintf(expected, sizeof expected, "%.4gMiB", 1 + static_cast<double>(count) / 1024);
  if (count < 1024) RC_ASSERT(bytes(1024 * 1024 + count * 1024) == expected);
}

}  // namespace
}  // namespace berth::figures
