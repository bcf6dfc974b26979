#include "control/terminals.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/limits.hpp"
#include "fakes/fake_terminal.hpp"
#include "fakes/lab.hpp"

namespace berth {
namespace {

using testing::Lab;
using testing::run;

class TerminalsTest : public ::testing::Test {
 protected:
  void TearDown() override { go_on(); }

  Result<std::shared_ptr<EngineTerminal>> open(const Actor& actor, ContainerId cid) {
    return run(lab.io, terminals.open(actor, cid, {}));
  }
  ErrorCode refusal(const Actor& actor, ContainerId cid) {
    auto opened = open(actor, cid);
    EXPECT_FALSE(opened);
    return opened ? ErrorCode::kInternal : opened.error().code;
  }
  // What goes on in the background, to its end.
  void go_on() {
    lab.io.restart();
    lab.io.poll();
  }
  std::vector<AuditRow> records() {
    auto work = [](Transaction& tx) -> Result<std::vector<AuditRow>> { return tx.audit(100); };
    auto all = run(lab.io, lab.store->read(work)).value();
    std::erase_if(all, [](const AuditRow& row) { return row.action != "container.terminal"; });
    return all;
  }

  Lab lab;
  Terminals terminals{lab.control->containers, *lab.store, lab.clock, lab.control->background};
};

TEST_F(TerminalsTest, OneThatIsOpenedIsOnRecordAndGoesWithWhoeverHadIt) {
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  auto terminal = open(lab.ann, cid);
  ASSERT_TRUE(terminal) << terminal.error().message;
  EXPECT_EQ(terminals.count(), 1u);
  ASSERT_EQ(records().size(), 1u);
  EXPECT_EQ(records()[0].actor, lab.ann.uid);
  EXPECT_EQ(records()[0].subject, "cid " + std::to_string(cid.value));
  const auto shell = lab.engine->machine.find(lab.seen(cid).id)->terminals.at(0).lock();
  ASSERT_TRUE(shell && shell->is_running());
  terminal->reset();
  go_on();
  EXPECT_FALSE(shell->is_running());
  EXPECT_EQ(terminals.count(), 0u);
}

TEST_F(TerminalsTest, IsForTheOwnerAndForAdmins) {
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  EXPECT_EQ(refusal(lab.bob, cid), ErrorCode::kNotFound);
  EXPECT_EQ(refusal(lab.ann, ContainerId{999}), ErrorCode::kNotFound);
  EXPECT_EQ(lab.engine->calls("open_terminal"), 0) << "the engine was not asked";
  Actor admin = lab.bob;
  admin.role = Role::kAdmin;
  EXPECT_TRUE(open(admin, cid));
}

TEST_F(TerminalsTest, NeedsAContainerThatRuns) {
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  EXPECT_TRUE(run(lab.io, lab.control->containers.stop(lab.ann, cid)));
  auto refused = open(lab.ann, cid);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "container already stopped");
  EXPECT_TRUE(records().empty());
  EXPECT_EQ(terminals.count(), 0u);
}

// The row is a moment behind: the engine knows better.
TEST_F(TerminalsTest, TheEnginesWordCounts) {
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  const std::string id = lab.seen(cid).id;
  lab.engine->pause_behind_our_back(id);
  EXPECT_EQ(open(lab.ann, cid).error().message, "container already stopped");
  EXPECT_EQ(terminals.count(), 0u);
}

TEST_F(TerminalsTest, AFaultOfTheEngineCostsNoPlace) {
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  lab.engine->fault = [](std::string_view) {
    return testing::Fault{.kind = testing::Fault::Kind::kRefuse};
  };
  EXPECT_EQ(refusal(lab.ann, cid), ErrorCode::kRefused);
  EXPECT_EQ(terminals.count(), 0u);
}

TEST_F(TerminalsTest, EachPersonHasSoManyAtOnce) {
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  const ContainerId of_bob = lab.must_create(lab.bob, lab.order());
  std::vector<std::shared_ptr<EngineTerminal>> open_ones;
  for (std::size_t i = 0; i < limits::kTerminalsPerUser; ++i)
    open_ones.push_back(open(lab.ann, cid).value());
  EXPECT_EQ(refusal(lab.ann, cid), ErrorCode::kExhausted);
  EXPECT_TRUE(open(lab.bob, of_bob)) << "that is Ann's alone";
  open_ones.pop_back();
  go_on();
  EXPECT_TRUE(open(lab.ann, cid));
}

}  // namespace
}  // namespace berth
