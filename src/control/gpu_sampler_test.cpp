#include "control/gpu_sampler.hpp"

#include <gtest/gtest.h>

#include "fakes/lab.hpp"

namespace berth {
namespace {

using testing::Lab;
using testing::run;
using namespace std::chrono_literals;

constexpr std::int64_t kGiB = std::int64_t{1} << 30;

class GpuSamplerTest : public ::testing::Test {
 protected:
  void say(std::optional<double> busy, std::optional<std::int64_t> memory) {
    lab.host.gpus = std::vector<GpuLoad>{{"GPU-1", busy, memory, 24 * kGiB},
                                         {"GPU-9", 1, 1, 1}};  // of somebody else's
  }
  bool sample() { return run(lab.io, sampler().sample_once()); }
  // Until a whole interval lies behind.
  void sample_for(std::chrono::seconds span) {
    for (auto past = 0s; past < span; past += 5s) {
      sample();
      lab.clock.advance(5s);
    }
    sample();
  }
  GpuSampler& sampler() { return lab.control->gpu_sampler; }

  Lab lab;
};

TEST_F(GpuSamplerTest, TellsWhatACardDoesAndForgetsItWhenNothingNewIsTold) {
  say(87, 10 * kGiB);
  ASSERT_TRUE(sample());
  const auto usage = sampler().usage(lab.gpus[0]);
  ASSERT_TRUE(usage);
  EXPECT_EQ(usage->busy_percent, 87);
  EXPECT_EQ(usage->memory_bytes, 10 * kGiB);
  EXPECT_EQ(usage->memory_total_bytes, 24 * kGiB);
  EXPECT_FALSE(sampler().usage(lab.gpus[1])) << "nothing was told of it";
  lab.host.gpus = std::unexpected(Error{ErrorCode::kUnavailable, "nvidia-smi failed", ""});
  EXPECT_FALSE(sample());
  lab.clock.advance(16s);
  EXPECT_FALSE(sampler().usage(lab.gpus[0]));
}

TEST_F(GpuSamplerTest, WhatACardDoesNotTellIsNotZero) {
  say(std::nullopt, kGiB);
  sample();
  EXPECT_EQ(sampler().usage(lab.gpus[0])->busy_percent, std::nullopt);
  EXPECT_EQ(sampler().usage(lab.gpus[0])->memory_bytes, kGiB);
}

TEST_F(GpuSamplerTest, EachContainerHasTheHourInWhichItHeldTheCard) {
  const ContainerId first = lab.must_create(lab.ann, lab.order(1, 512, {lab.gpus[0]}));
  say(90, kGiB);
  sample_for(20s);
  const auto of_first = sampler().series(first, lab.gpus[0], {});
  ASSERT_FALSE(of_first.empty());
  EXPECT_EQ(of_first.back().busy_percent, 90);
  EXPECT_TRUE(sampler().series(first, lab.gpus[1], {}).empty());

  ASSERT_TRUE(run(lab.io, lab.control->containers.stop(lab.ann, first)));
  const ContainerId second = lab.must_create(lab.bob, lab.order(1, 512, {lab.gpus[0]}));
  say(20, kGiB);
  sample_for(20s);
  EXPECT_EQ(sampler().series(second, lab.gpus[0], {}).front().busy_percent, 20);
  for (const UsageSample& sample : sampler().series(first, lab.gpus[0], {}))
    EXPECT_EQ(sample.busy_percent, 90) << "what another does with it is not the first one's";
}

TEST_F(GpuSamplerTest, NobodyIsAskedWhereThereAreNoCards) {
  lab.host.gpus = std::unexpected(Error{ErrorCode::kNotFound, "no nvidia-smi", ""});
  EXPECT_FALSE(sample()) << "it is asked, and cannot tell";
  GpuSampler elsewhere(*lab.store, lab.host, lab.clock, lab.timers, lab.control->background, {});
  EXPECT_TRUE(run(lab.io, elsewhere.sample_once())) << "no card, no question";
}

}  // namespace
}  // namespace berth
