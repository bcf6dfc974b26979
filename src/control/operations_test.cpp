#include "control/operations.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "fakes/manual_time.hpp"

namespace berth {
namespace {

const Actor kAnn{.uid = UserId{1}, .name = "ann"};
const Actor kBob{.uid = UserId{2}, .name = "bob"};
const Actor kBoss{.uid = UserId{3}, .name = "boss", .role = Role::kAdmin};

class OperationsTest : public ::testing::Test {
 protected:
  std::string begin(ContainerId cid = ContainerId{7}) {
    return operations
        .begin({.kind = OperationKind::kStart,
                .by = kAnn.uid,
                .owner = kAnn.uid,
                .cid = cid,
                .steps = {{.name = "starting"}, {.name = kReachableStep}}})
        .oid;
  }
  Operation get(const std::string& oid) { return operations.find(kBoss, oid).value(); }

  testing::ManualClock clock;
  Changes changes;
  Operations operations{clock, changes};
};

TEST_F(OperationsTest, TheDriversStepsComeInByThemselves) {
  const auto oid = begin();
  operations.step_began(ContainerId{7}, Step::kStart);
  EXPECT_EQ(get(oid).steps[0].state, Progress::kRunning);
  operations.step_ended(ContainerId{7}, Step::kStart, true);
  EXPECT_EQ(get(oid).steps[0].state, Progress::kDone);
  operations.step_began(ContainerId{7}, Step::kMarkRunning);
  operations.step_began(ContainerId{8}, Step::kStart);
  EXPECT_EQ(get(oid).steps.size(), 2u) << "what only writes down is nobody's step";
}

TEST_F(OperationsTest, AnUnforeseenStepStandsBeforeWhatHasNotBegun) {
  const auto oid = begin();
  operations.step_began(ContainerId{7}, Step::kCreate);
  EXPECT_EQ(get(oid).steps[0].name, "creating");
}

TEST_F(OperationsTest, AFailureLeavesWhatHasNotBegunPending) {
  const auto oid = begin();
  operations.begin_step(oid, "starting");
  operations.finish(oid, Error{ErrorCode::kRefused, "no", "words"});
  EXPECT_EQ(get(oid).state, Progress::kFailed);
  EXPECT_EQ(get(oid).steps[0].state, Progress::kFailed);
  EXPECT_EQ(get(oid).steps[1].state, Progress::kPending);
  EXPECT_EQ(operations.working_on(ContainerId{7}), nullptr);
}

TEST_F(OperationsTest, ASuccessIsDoneButForAContainerThatDoesNotAnswer) {
  const auto oid = begin();
  operations.begin_step(oid, "starting");
  operations.end_step(oid, "starting", false);  // its answer was lost
  operations.begin_step(oid, kReachableStep);
  EXPECT_TRUE(Operations::only_watches(get(oid)));
  operations.end_step(oid, kReachableStep, false);
  operations.finish(oid, {});
  EXPECT_EQ(get(oid).steps[0].state, Progress::kDone);
  EXPECT_EQ(get(oid).steps[1].state, Progress::kFailed);
  EXPECT_EQ(get(oid).state, Progress::kDone);
}

TEST_F(OperationsTest, TheNextOneOnTheSameContainerTakesOver) {
  const auto first = begin();
  const auto second = begin();
  EXPECT_EQ(operations.working_on(ContainerId{7})->oid, second);
  EXPECT_EQ(get(first).state, Progress::kDone);
}

TEST_F(OperationsTest, OthersDoNotSeeIt) {
  const auto oid = begin();
  EXPECT_TRUE(operations.find(kAnn, oid));
  EXPECT_FALSE(operations.find(kBob, oid));
  EXPECT_TRUE(operations.list(kBob).empty());
  EXPECT_EQ(operations.list(kAnn).size(), 1u);
  EXPECT_TRUE(operations.list(kBoss).empty()) << "a list is of one's own";
}

TEST_F(OperationsTest, EveryStepIsTold) {
  std::vector<Change> told;
  auto subscription = changes.subscribe([&](const Change& change) { told.push_back(change); });
  const auto oid = begin();
  operations.begin_step(oid, "starting");
  operations.finish(oid, {});
  ASSERT_EQ(told.size(), 3u);
  EXPECT_EQ(told[2].oid, oid);
  EXPECT_EQ(told[2].owner, kAnn.uid);
}

TEST_F(OperationsTest, AnHourLaterItIsForgottenUnlessItStillRuns) {
  const auto ended = begin(ContainerId{1});
  operations.finish(ended, {});
  const auto running = begin(ContainerId{2});
  clock.advance(std::chrono::hours(2));
  begin(ContainerId{3});
  EXPECT_FALSE(operations.find(kAnn, ended));
  EXPECT_TRUE(operations.find(kAnn, running));
}

TEST_F(OperationsTest, ThereAreNeverMoreThanTheBound) {
  for (std::size_t i = 0; i < limits::kOperations + 10; ++i) operations.finish(begin(), {});
  EXPECT_LE(operations.list(kAnn).size(), limits::kOperations);
}

}  // namespace
}  // namespace berth
