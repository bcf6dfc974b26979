#include "control/long_work.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/limits.hpp"
#include "fakes/lab.hpp"

namespace berth {
namespace {

using testing::Lab;
using testing::run;

class LongWorkTest : public ::testing::Test {
 protected:
  // Nothing goes on any more when the parts go.
  void TearDown() override {
    lab.io.restart();
    lab.io.poll();
  }

  // Else the engine in memory has done everything before anybody can look.
  void make_engine_slow() {
    lab.engine->fault = [](std::string_view) {
      return testing::Fault{.delay = std::chrono::milliseconds(1)};
    };
  }
  Operation must(Result<Operation> begun) {
    EXPECT_TRUE(begun) << begun.error().message;
    return begun.value_or(Operation{});
  }
  Operation create() { return must(run(lab.io, work.create(lab.ann, lab.order()))); }
  // Everything that goes on in the background, to its end: sleeping takes no time here.
  Operation ended(const Operation& operation) {
    lab.io.restart();
    while (get(operation).state == Progress::kRunning && lab.io.run_one() > 0) {
    }
    return get(operation);
  }
  Operation get(const Operation& operation) {
    return operations.find(lab.ann, operation.oid).value();
  }
  static Progress step(const Operation& operation, std::string_view name) {
    return std::ranges::find(operation.steps, name, &OperationStep::name)->state;
  }

  Lab lab;
  Changes changes;
  Operations operations{lab.clock, changes};
  LongWork work{{lab.control->containers, lab.control->images, lab.control->devices,
                 &lab.control->matlab, operations, lab.host, lab.clock, lab.timers,
                 lab.control->background, "127.0.0.1"}};
};

TEST_F(LongWorkTest, AnswersBeforeTheEngineHasAndGoesOn) {
  make_engine_slow();
  const Operation begun = create();
  EXPECT_EQ(begun.state, Progress::kRunning);
  EXPECT_EQ(step(begun, "reserved"), Progress::kDone);
  EXPECT_EQ(step(begun, "starting"), Progress::kPending);
  EXPECT_EQ(ended(begun).state, Progress::kDone);
  EXPECT_EQ(lab.row(begun.cid)->state, State::kRunning);
  EXPECT_EQ(lab.complaints(), "");
}

TEST_F(LongWorkTest, AContainerWhoseSshNeverAnswersIsThereAllTheSame) {
  lab.host.has_ssh = false;
  const Operation done = ended(create());
  EXPECT_EQ(done.state, Progress::kDone);
  EXPECT_EQ(step(done, kReachableStep), Progress::kFailed);
  EXPECT_EQ(lab.row(done.cid)->state, State::kRunning);
}

TEST_F(LongWorkTest, EachDoorIsOpenWhenItAnswers) {
  lab.host.has_web = false;
  const Operation without = ended(create());
  EXPECT_EQ(without.state, Progress::kDone);
  EXPECT_EQ(step(without, kReachableStep), Progress::kDone);
  EXPECT_EQ(step(without, kJupyterStep), Progress::kFailed);
  EXPECT_EQ(step(without, kTensorboardStep), Progress::kFailed);
  lab.host.has_web = true;
  const Operation with = ended(must(run(lab.io, work.restart(lab.ann, without.cid))));
  for (std::string_view door : kWatchedSteps) EXPECT_EQ(step(with, door), Progress::kDone) << door;
}

TEST_F(LongWorkTest, WhatFailsTakesEverythingBack) {
  lab.engine->fault = [](std::string_view call) {
    return testing::Fault{
        .kind = call == "start" ? testing::Fault::Kind::kRefuse : testing::Fault::Kind::kNone,
        .words = "no space left"};
  };
  const Operation failed = ended(create());
  EXPECT_EQ(failed.state, Progress::kFailed);
  EXPECT_EQ(failed.problem->details, "no space left");
  lab.engine->fault = {};
  EXPECT_TRUE(lab.rows().empty());
  EXPECT_EQ(lab.complaints(), "");
}

TEST_F(LongWorkTest, OneThatOnlyWatchesIsLeftBehindByTheNext) {
  lab.host.has_ssh = false;
  const Operation created = create();
  lab.io.restart();
  while (!Operations::only_watches(get(created)) && lab.io.run_one() > 0) {
  }
  const Operation stopping = must(run(lab.io, work.stop(lab.ann, created.cid)));
  EXPECT_EQ(ended(stopping).state, Progress::kDone);
  EXPECT_EQ(get(created).state, Progress::kDone);
  EXPECT_EQ(lab.row(created.cid)->state, State::kStopped);
}

TEST_F(LongWorkTest, ARestartKeepsWhatTheContainerHolds) {
  const Operation created = ended(create());
  const Claim before = lab.used();
  const Operation restarted = ended(must(run(lab.io, work.restart(lab.ann, created.cid))));
  EXPECT_EQ(restarted.state, Progress::kDone);
  EXPECT_EQ(step(restarted, "stopping"), Progress::kDone);
  EXPECT_EQ(lab.used(), before);
  EXPECT_EQ(lab.engine->calls("stop"), 1);
  EXPECT_EQ(lab.engine->calls("start"), 2);
  EXPECT_EQ(lab.complaints(), "");
}

TEST_F(LongWorkTest, AClassIsCountedAsItIsMade) {
  const Actor boss{.uid = UserId{9}, .name = "boss", .role = Role::kAdmin};
  make_engine_slow();
  EXPECT_FALSE(run(lab.io, work.create_matlab(lab.ann, 1, 3, "s"))) << "for admins";
  const Operation begun = must(run(lab.io, work.create_matlab(boss, 1, 3, "s")));
  auto too_early = run(lab.io, work.restart_matlab(boss, 2));
  ASSERT_FALSE(too_early);
  EXPECT_EQ(too_early.error().code, ErrorCode::kConflict);
  lab.io.restart();
  while (operations.find(boss, begun.oid)->state == Progress::kRunning && lab.io.run_one() > 0) {
  }
  EXPECT_EQ(operations.find(boss, begun.oid)->count->done, 3);
}

TEST_F(LongWorkTest, ThereIsABoundForEachPerson) {
  for (std::size_t i = 0; i < limits::kOperationsAtOnce; ++i) operations.begin({.by = lab.ann.uid});
  EXPECT_EQ(run(lab.io, work.create(lab.ann, lab.order())).error().code, ErrorCode::kExhausted);
  EXPECT_TRUE(run(lab.io, work.create(lab.bob, lab.order())));
}

}  // namespace
}  // namespace berth
