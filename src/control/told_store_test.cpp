#include "control/told_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "fakes/lab.hpp"

namespace berth {
namespace {

using testing::Lab;
using testing::run;
using Kind = Change::Kind;

class ToldStoreTest : public ::testing::Test {
 protected:
  template <class Work>
  auto write(Work work) {
    told.clear();
    return run(lab.io, store.write(work));
  }
  bool was_told(Kind kind, std::int64_t id) const {
    return std::ranges::any_of(told, [=](const Change& c) { return c.kind == kind && c.id == id; });
  }

  Lab lab;
  Changes changes;
  ToldStore store{*lab.store, changes};
  std::vector<Change> told;
  std::shared_ptr<Changes::Subscription> subscription =
      changes.subscribe([this](const Change& change) { told.push_back(change); });
};

TEST_F(ToldStoreTest, TellsOfWhatWasCommittedOnceForEachThing) {
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  ASSERT_TRUE(write([cid](Transaction& tx) -> Result<> {
    auto row = *tx.container(cid);
    row.reason = "one";
    tx.update_container(row);
    row.reason = "two";
    tx.update_container(row);
    return ok();
  }));
  EXPECT_EQ(
      told,
      (std::vector<Change>{{.kind = Kind::kContainer, .id = cid.value, .owner = lab.ann.uid}}));
}

TEST_F(ToldStoreTest, SaysNothingOfWhatWasNotCommittedOrOnlyRead) {
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  EXPECT_FALSE(write([cid](Transaction& tx) -> Result<> {
    tx.delete_container(cid);
    return fail(ErrorCode::kConflict, "not after all");
  }));
  EXPECT_TRUE(run(lab.io, store.read([](Transaction& tx) -> Result<bool> {
    return tx.containers(1).empty();
  })));
  EXPECT_TRUE(told.empty());
}

TEST_F(ToldStoreTest, ADeviceChangesWithWhatIsTakenFromIt) {
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  ASSERT_TRUE(write([cid](Transaction& tx) -> Result<> {
    auto row = *tx.container(cid);
    row.holds = false;
    row.state = State::kStopped;
    tx.update_container(row);
    return ok();
  }));
  EXPECT_TRUE(was_told(Kind::kDevice, lab.device.value));
  ASSERT_TRUE(write([cid](Transaction& tx) -> Result<> {
    tx.delete_container(cid);
    return ok();
  }));
  EXPECT_TRUE(was_told(Kind::kContainer, cid.value) && was_told(Kind::kDevice, lab.device.value));
}

TEST_F(ToldStoreTest, WhoeverSawAPublicImageHearsThatItIsNotPublicAnyMore) {
  ASSERT_TRUE(write([iid = lab.image](Transaction& tx) -> Result<> {
    auto image = *tx.image(iid);
    image.is_public = false;
    tx.update_image(image);
    return ok();
  }));
  EXPECT_TRUE(std::ranges::any_of(told, &Change::is_everybodys));
}

TEST_F(ToldStoreTest, AnAccountChangesWithItsSessions) {
  ASSERT_TRUE(write([uid = lab.ann.uid](Transaction& tx) -> Result<> {
    tx.delete_sessions_of(uid);
    return ok();
  }));
  EXPECT_TRUE(was_told(Kind::kAccount, lab.ann.uid.value));
}

TEST_F(ToldStoreTest, AnAccountChangesWithATokenThatIsRevoked) {
  ASSERT_TRUE(write([uid = lab.ann.uid](Transaction& tx) -> Result<> {
    tx.delete_api_token(uid, tx.insert_api_token({.uid = uid, .token_hash = "h"}));
    return ok();
  }));
  EXPECT_TRUE(was_told(Kind::kAccount, lab.ann.uid.value));
}

TEST(ChangesTest, AListenerMayLeaveWhileItIsCalled) {
  Changes changes;
  int heard = 0;
  std::shared_ptr<Changes::Subscription> first, second;
  first = changes.subscribe([&](const Change&) {
    ++heard;
    first.reset();
    second.reset();
  });
  second = changes.subscribe([&](const Change&) { ++heard; });
  changes.publish({});
  changes.publish({});
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(changes.listeners(), 0u);
}

}  // namespace
}  // namespace berth
