#include "cli/engine_gpus.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "cli/run_now.hpp"
#include "engine/memory/memory_engine.hpp"

namespace berth::cli {
namespace {

constexpr char kUuid[] = "GPU-11111111-aaaa-bbbb-cccc-000000000001";

// One whose containers print what the test says and end at once.
class PrintingEngine final : public memory::MemoryEngine {
 public:
  using MemoryEngine::MemoryEngine;

  Task<Result<>> start(std::string container) override {
    auto started = machine.start(container);
    if (started) machine.exit(container, exit_code);
    seen = machine.find(container)->spec;
    co_return started;
  }
  Task<Result<std::vector<EngineLogLine>>> logs(std::string, std::size_t) override {
    co_return printed;
  }

  int exit_code = 0;
  std::vector<EngineLogLine> printed;
  ContainerSpec seen;

 protected:
  Task<Result<>> conduct(Call, std::function<Result<>()> work) override { co_return work(); }
};

class EngineGpusTest : public testing::Test {
 protected:
  EngineGpusTest() { engine.machine.add_image("berth/workspace:latest"); }

  Result<std::vector<GpuRow>> find(Engine& there) {
    return run_now(io, find_engine_gpus(there, timers, "berth/workspace:latest", "berth-x-gpus-2"));
  }

  boost::asio::io_context io;
  SystemClock clock;
  SystemTimers timers;
  PrintingEngine engine{clock, timers, memory::MachineOptions{.gpus = {kUuid}}};
};

TEST_F(EngineGpusTest, ReadsWhatAContainerWithAllOfThemPrintsAndLeavesNothing) {
  engine.printed = {{.text = std::string("0, ") + kUuid + ", NVIDIA A100, 40960"},
                    {.is_error = true, .text = "a warning"}};
  const auto found = find(engine);
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().uuid, kUuid);
  EXPECT_EQ(found->front().model, "A100 40GB");
  EXPECT_TRUE(engine.seen.all_gpus);
  EXPECT_EQ(engine.seen.command.front(), "nvidia-smi");
  EXPECT_TRUE(engine.machine.containers().empty());
}

TEST_F(EngineGpusTest, AFailureIsNotTakenForNoCardsAndLeavesNothing) {
  engine.exit_code = 9;
  engine.printed = {{.text = "driver and library do not fit"}};
  const auto found = find(engine);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().details, "exit code 9: driver and library do not fit");
  engine.exit_code = 0;
  EXPECT_FALSE(find(engine)) << "nor is what nobody understands";
  EXPECT_TRUE(engine.machine.containers().empty());
}

TEST_F(EngineGpusTest, WithoutTheRuntimeNothingIsStarted) {
  PrintingEngine plain(clock, timers, memory::MachineOptions{});
  EXPECT_EQ(find(plain)->size(), 0u);
  EXPECT_TRUE(plain.seen.name.empty());
}

}  // namespace
}  // namespace berth::cli
