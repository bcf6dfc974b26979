#include "fakes/fake_engine.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "fakes/run.hpp"

namespace berth::testing {
namespace {

using namespace std::chrono_literals;
using Kind = Fault::Kind;

class StillClock final : public Clock {
 public:
  WallTime now() const override { return from_unix_ms(1'767'323'045'678 + elapsed.count()); }
  std::chrono::milliseconds steady() const override { return elapsed; }
  std::chrono::milliseconds elapsed{0};
};

// Time passes only by sleeping.
class StillTimers final : public Timers {
 public:
  explicit StillTimers(StillClock& clock) : clock_(clock) {}
  Task<> sleep(std::chrono::milliseconds duration) override {
    clock_.elapsed += duration;
    co_return;
  }

 private:
  StillClock& clock_;
};

class FakeEngineTest : public ::testing::Test {
 protected:
  FakeEngineTest() { engine.machine.add_image("base:1"); }

  template <class T>
  T run(Task<T> task) {
    return testing::run(io, std::move(task));
  }
  ContainerSpec spec() {
    ContainerSpec wanted;
    wanted.name = "berth-1";
    wanted.image = "base:1";
    wanted.cpu_cores = 1;
    wanted.memory_mb = 64;
    return wanted;
  }
  ErrorCode start_with(Kind kind, std::string call = "start") {
    engine.fault = [kind, call](std::string_view name) {
      return name == call ? Fault{.kind = kind} : Fault{};
    };
    auto started = run(engine.start("berth-1"));
    engine.fault = nullptr;
    return started ? ErrorCode::kInvalid : started.error().code;
  }
  EngineState state() { return run(engine.inspect("berth-1")).value().state; }

  boost::asio::io_context io;
  StillClock clock;
  StillTimers timers{clock};
  FakeEngine engine{clock, timers};
};

TEST_F(FakeEngineTest, FaultsDoOrDontDoTheWork) {
  run(engine.create(spec())).value();
  EXPECT_EQ(start_with(Kind::kRefuse), ErrorCode::kRefused);
  EXPECT_EQ(start_with(Kind::kUnavailable), ErrorCode::kUnavailable);
  EXPECT_EQ(start_with(Kind::kNever), ErrorCode::kUnknown);
  EXPECT_EQ(clock.elapsed, 60s);
  EXPECT_EQ(state(), EngineState::kCreated);
  EXPECT_EQ(start_with(Kind::kReplyLost), ErrorCode::kUnknown);
  EXPECT_EQ(state(), EngineState::kRunning);
  EXPECT_EQ(engine.calls("start"), 4);
  EXPECT_EQ(engine.calls("create"), 1);
}

TEST_F(FakeEngineTest, DiesBeforeOrAfterTheWork) {
  run(engine.create(spec())).value();
  EXPECT_EQ(start_with(Kind::kDieBefore), ErrorCode::kUnknown);
  EXPECT_EQ(run(engine.inspect("berth-1")).error().code, ErrorCode::kUnavailable);
  engine.come_up();
  EXPECT_EQ(state(), EngineState::kCreated);
  EXPECT_EQ(start_with(Kind::kDieAfter), ErrorCode::kUnknown);
  EXPECT_TRUE(engine.is_down());
  engine.come_up();
  EXPECT_EQ(state(), EngineState::kRunning);
}

TEST_F(FakeEngineTest, SlowCallsTakeVirtualTime) {
  engine.fault = [](std::string_view) { return Fault{.delay = 5s}; };
  run(engine.create(spec())).value();
  EXPECT_EQ(clock.elapsed, 5s);
}

TEST_F(FakeEngineTest, ARemovalUnderWayIsAwaited) {
  run(engine.create(spec())).value();
  engine.machine.begin_removal("berth-1");
  EXPECT_EQ(state(), EngineState::kRemoving);
  EXPECT_EQ(run(engine.start("berth-1")).error().code, ErrorCode::kConflict);
  EXPECT_EQ(run(engine.remove("berth-1")).error().code, ErrorCode::kConflict);
  EXPECT_EQ(clock.elapsed, 60s);
  engine.fault = [this](std::string_view) {
    if (engine.calls("remove") % 5 == 0) engine.machine.finish_removal("berth-1");
    return Fault{};
  };
  EXPECT_TRUE(run(engine.remove("berth-1")));
}

TEST_F(FakeEngineTest, TheSameSeedGivesTheSameIds) {
  FakeEngine other(clock, timers);
  other.machine.add_image("base:1");
  EXPECT_EQ(run(engine.create(spec())).value(), run(other.create(spec())).value());
  FakeEngine different(clock, timers, {.seed = 2});
  different.machine.add_image("base:1");
  EXPECT_NE(run(different.create(spec())).value(), run(other.inspect("berth-1")).value().id);
}

TEST_F(FakeEngineTest, SaysWhenItStarted) {
  run(engine.create(spec())).value();
  ASSERT_TRUE(run(engine.start("berth-1")));
  EXPECT_EQ(run(engine.inspect("berth-1")).value().started_at, "2026-01-02T03:04:05.678Z");
}

TEST_F(FakeEngineTest, GpusAreKnownByUuid) {
  FakeEngine with_gpus(clock, timers, {.gpus = {"GPU-1"}});
  with_gpus.machine.add_image("base:1");
  auto wanted = spec();
  wanted.gpu_uuids = {"GPU-1"};
  run(with_gpus.create(wanted)).value();
  EXPECT_TRUE(run(with_gpus.start("berth-1")));
  wanted.name = "berth-2";
  wanted.gpu_uuids = {"GPU-2"};
  run(with_gpus.create(wanted)).value();
  EXPECT_EQ(run(with_gpus.start("berth-2")).error().code, ErrorCode::kRefused);
}

TEST_F(FakeEngineTest, FollowersHearUntilTheStreamEnds) {
  std::string heard;
  std::optional<Result<>> ended;
  const auto follow = [&] {
    ended.reset();
    boost::asio::co_spawn(
        io, engine.follow_events([] {}, [&](EngineEvent event) { heard += event.action + " "; }),
        [&](std::exception_ptr, Result<> result) { ended.emplace(result); });
    io.restart();
    io.poll();
  };
  follow();
  run(engine.create(spec())).value();
  ASSERT_TRUE(run(engine.start("berth-1")));
  engine.kill_behind_our_back("berth-1");
  engine.go_down();
  io.restart();
  io.poll();
  EXPECT_EQ(heard, "create start kill die ");
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(engine.followers(), 0u);
  follow();
  ASSERT_TRUE(ended);
  engine.come_up();
  follow();
  EXPECT_FALSE(ended);
  EXPECT_EQ(engine.followers(), 1u);
  engine.drop_followers();
  io.restart();
  io.poll();
  EXPECT_TRUE(ended);
}

TEST_F(FakeEngineTest, FollowersMayBeCancelled) {
  boost::asio::cancellation_signal signal;
  boost::asio::co_spawn(io, engine.follow_events([] {}, [](EngineEvent) {}),
                        boost::asio::bind_cancellation_slot(signal.slot(), boost::asio::detached));
  io.poll();
  EXPECT_EQ(engine.followers(), 1u);
  signal.emit(boost::asio::cancellation_type::terminal);
  io.restart();
  io.poll();
  EXPECT_EQ(engine.followers(), 0u);
}

TEST_F(FakeEngineTest, ListingsMayLie) {
  auto wanted = spec();
  wanted.labels = {{"k", "v"}};
  run(engine.create(wanted)).value();
  EXPECT_EQ(run(engine.list("k")).value().size(), 1u);
  engine.edit_list = [](auto& all) { all.clear(); };
  EXPECT_EQ(run(engine.list("k")).value().size(), 0u);
  EXPECT_EQ(state(), EngineState::kCreated);
}

}  // namespace
}  // namespace berth::testing
