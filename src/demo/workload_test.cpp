#include "demo/workload.hpp"

#include <gtest/gtest.h>

#include "demo/run_log.hpp"

namespace berth::demo {
namespace {

using namespace std::chrono_literals;

constexpr WallTime kBegan{std::chrono::milliseconds{1'764'000'000'000}};

memory::Container make(const std::string& name, const std::string& kind, int cpu,
                       std::int64_t memory_mb) {
  memory::Container container;
  container.spec.name = name;
  container.spec.cpu_cores = cpu;
  container.spec.memory_mb = memory_mb;
  container.labels[kKindLabel] = kind;
  container.state = EngineState::kRunning;
  container.runs.push_back({.began = kBegan});
  return container;
}

TEST(WorkloadTest, StaysWithinWhatItWasGivenAndCountersOnlyGrow) {
  for (const char* kind : {"notebook", "training", "matlab"}) {
    for (int i = 0; i < 40; ++i) {
      const auto container = make("berth-demo-c" + std::to_string(i), kind, 1 + i % 64, 4096 + i);
      const Workload work(container);
      std::int64_t before = 0;
      for (auto t = 0s; t < 1h; t += 7s) {
        const std::int64_t now = work.cpu_ns(t);
        EXPECT_GE(now, before);
        EXPECT_LE(now - before, std::int64_t{7'000'000'000} * container.spec.cpu_cores);
        EXPECT_GT(work.memory_bytes(t), 0);
        EXPECT_LE(work.memory_bytes(t), (std::int64_t{4096} + i) << 20);
        before = now;
      }
      EXPECT_GT(before, 0);
    }
  }
}

TEST(WorkloadTest, ATrainingsGpuIsBusyBetweenLoadingAndCheckpoints) {
  const Workload work(make("berth-demo-c1", "training", 8, 32'768));
  EXPECT_LE(work.gpu_busy_percent(0, 20s), 5) << "it loads its data";
  EXPECT_LT(work.gpu_memory_share(0, 20s), 0.1);
  double sum = 0;
  int pauses = 0;
  for (auto t = 600s; t < 4200s; t += 10s) {
    const double busy = work.gpu_busy_percent(0, t);
    ASSERT_TRUE(busy >= 0 && busy <= 100) << busy;
    sum += busy;
    pauses += busy < 10;
    EXPECT_GT(work.gpu_memory_share(0, t), 0.5);
    EXPECT_LT(work.gpu_memory_share(0, t), 1.0);
  }
  EXPECT_GT(sum / 360, 70);
  EXPECT_GT(pauses, 3) << "a checkpoint each epoch";
}

TEST(WorkloadTest, WhoSitsAtANotebookIsAwayAsWell) {
  int idle = 0, busy = 0;
  for (int i = 0; i < 20; ++i) {
    const Workload work(make("berth-demo-c" + std::to_string(i), "notebook", 4, 8192));
    for (auto t = 0s; t < 2h; t += 60s) {
      const std::int64_t used = work.cpu_ns(t + 60s) - work.cpu_ns(t);
      idle += used < 60 * std::int64_t{80'000'000};
      busy += used > 60 * std::int64_t{500'000'000};
    }
  }
  EXPECT_GT(idle, 20 * 120 / 4);
  EXPECT_GT(busy, 20 * 120 / 10);
}

TEST(WorkloadTest, TrainingWithTooLittleMemoryGrowsUntilItIsKilled) {
  const Workload small(make("a", "training", 4, 2048));
  ASSERT_TRUE(small.runs_out_of_memory_after());
  EXPECT_LT(small.memory_bytes(5s), small.memory_bytes(30s));
  EXPECT_EQ(small.memory_bytes(*small.runs_out_of_memory_after()), std::int64_t{2048} << 20);
  EXPECT_FALSE(Workload(make("a", "training", 4, 4096)).runs_out_of_memory_after());
  EXPECT_FALSE(Workload(make("a", "notebook", 4, 512)).runs_out_of_memory_after());
}

TEST(RunLogTest, TheTailIsTheEndOfTheWhole) {
  for (const char* kind : {"notebook", "training", "matlab"}) {
    const auto container = make("berth-demo-c1", kind, 8, 32'768);
    const auto& run = container.runs.back();
    const auto whole = run_log(container, run, kBegan + 20min, 100'000);
    ASSERT_GT(whole.size(), 5u);
    for (std::size_t tail : {std::size_t{0}, std::size_t{1}, std::size_t{4}, whole.size() - 1}) {
      const auto last = run_log(container, run, kBegan + 20min, tail);
      ASSERT_EQ(last.size(), tail);
      EXPECT_TRUE(std::equal(last.begin(), last.end(), whole.end() - static_cast<long>(tail)));
    }
    const auto later = run_log(container, run, kBegan + 21min, 100'000);
    EXPECT_TRUE(std::equal(whole.begin(), whole.end(), later.begin()));
  }
}

TEST(RunLogTest, EndsWithWhatItDiedOf) {
  auto container = make("berth-demo-c1", "training", 8, 2048);
  container.state = EngineState::kExited;
  container.oom_killed = true;
  container.runs.back().ended = kBegan + 75s;
  const auto lines = run_log(container, container.runs.back(), kBegan + 1h, 500);
  EXPECT_EQ(lines.back(), (EngineLogLine{"2025-11-24T16:01:15.000Z", true, "Killed"}));
}

}  // namespace
}  // namespace berth::demo
