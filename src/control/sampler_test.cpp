#include "control/sampler.hpp"

#include <gtest/gtest.h>

#include "fakes/lab.hpp"

namespace berth {
namespace {

using testing::Lab;
using testing::run;

Task<bool> sample_once(Sampler& sampler) {
  co_await sampler.sample_once();
  co_return true;
}

class SamplerTest : public ::testing::Test {
 protected:
  // Twice: the engine is asked for the process, and then its counters are read.
  void sample() {
    for (int i = 0; i < 2; ++i) {
      run(lab.io, sample_once(lab.control->sampler));
      lab.io.restart();
      lab.io.poll();
      lab.clock.advance(std::chrono::seconds(1));
    }
    run(lab.io, sample_once(lab.control->sampler));
  }

  ContainerId create(std::int64_t memory_bytes) {
    const ContainerId cid = lab.must_create(lab.ann, lab.order());
    lab.host.counters[lab.seen(cid).pid] = {.cpu_ns = 1, .memory_bytes = memory_bytes};
    return cid;
  }

  std::int64_t memory_of(ContainerId cid) const {
    const auto usage = lab.control->sampler.usage(cid);
    return usage ? usage->memory_bytes : -1;
  }

  Lab lab;
};

TEST_F(SamplerTest, FollowsThoseThatRunAndThoseThatStartLater) {
  const ContainerId first = create(1000);
  sample();
  EXPECT_EQ(memory_of(first), 1000);
  const ContainerId second = create(2000);
  sample();
  EXPECT_EQ(memory_of(first), 1000);
  EXPECT_EQ(memory_of(second), 2000);
}

TEST_F(SamplerTest, ForgetsThoseThatStopAndThoseThatAreDeleted) {
  const ContainerId stopped = create(1000);
  const ContainerId deleted = create(2000);
  sample();
  ASSERT_TRUE(run(lab.io, lab.control->containers.stop(lab.ann, stopped)));
  ASSERT_TRUE(run(lab.io, lab.control->containers.remove(lab.ann, deleted)));
  sample();
  EXPECT_EQ(memory_of(stopped), -1);
  EXPECT_EQ(memory_of(deleted), -1);
}

TEST_F(SamplerTest, AStartAnewIsAnotherProcess) {
  const ContainerId cid = create(1000);
  sample();
  lab.host.counters.clear();
  ASSERT_TRUE(run(lab.io, lab.control->containers.stop(lab.ann, cid)));
  lab.clock.advance(std::chrono::seconds(5));
  ASSERT_TRUE(run(lab.io, lab.control->containers.start(lab.ann, cid, std::nullopt)));
  lab.host.counters[lab.seen(cid).pid] = {.cpu_ns = 1, .memory_bytes = 3000};
  sample();
  EXPECT_EQ(memory_of(cid), 3000);
}

}  // namespace
}  // namespace berth
