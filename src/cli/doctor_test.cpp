#include "cli/doctor.hpp"

#include <gtest/gtest.h>

namespace berth::cli {
namespace {

TEST(DoctorTest, KnowsVersionsWithKnownHoles) {
  EXPECT_EQ(judge_engine_version("28.2.2").verdict, Verdict::kGood);
  EXPECT_EQ(judge_engine_version("20.10.24+dfsg1").verdict, Verdict::kGood);
  EXPECT_EQ(judge_engine_version("24.0.7").verdict, Verdict::kWarning);
  EXPECT_EQ(judge_engine_version("19.03.1").verdict, Verdict::kBad);
  EXPECT_EQ(judge_runc_version("1.1.5").verdict, Verdict::kWarning);
  EXPECT_EQ(judge_runc_version("1.3.0").verdict, Verdict::kWarning);
  EXPECT_EQ(judge_runc_version("1.2.8").verdict, Verdict::kGood);
  EXPECT_EQ(judge_runc_version("").verdict, Verdict::kWarning);
}

TEST(DoctorTest, SeesPortsThatTheKernelMayTake) {
  EXPECT_EQ(judge_port_range("32768\t60999", 6000, 8000, true).verdict, Verdict::kGood);
  EXPECT_EQ(judge_port_range("32768\t60999", 33000, 34000, true).verdict, Verdict::kWarning);
  EXPECT_EQ(judge_port_range("10000\t60999", 6000, 8000, false).verdict, Verdict::kGood);
  EXPECT_EQ(judge_port_range("10000\t60999", 6000, 8000, true).verdict, Verdict::kWarning);
}

}  // namespace
}  // namespace berth::cli
