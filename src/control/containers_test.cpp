#include "control/containers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "fakes/lab.hpp"

namespace berth {
namespace {

using testing::Fault;
using testing::Lab;
using testing::run;
using testing::run_all;

template <class T>
ErrorCode code_of(const Result<T>& result) {
  return result ? ErrorCode{} : result.error().code;
}

template <class T>
std::string message_of(const Result<T>& result) {
  return result ? "" : result.error().message;
}

TEST(ContainersTest, ACreatedContainerRunsAndHoldsWhatWasAsked) {
  Lab lab;
  const auto created = lab.create(lab.ann, lab.order(2, 1024, {lab.gpus[0]}));
  ASSERT_TRUE(created) << message_of(created);
  EXPECT_EQ(created->password.size(), 16u);
  EXPECT_EQ(lab.used(), (Claim{2, 1024, {lab.gpus[0]}}));
  EXPECT_EQ(lab.seen(created->container.cid).state, EngineState::kRunning);
  EXPECT_EQ(lab.complaints(), "");
}

TEST(ContainersTest, ThePasswordIsShownToItsOwnerAloneEvenToNoAdmin) {
  Lab lab;
  const auto created = lab.create(lab.ann, lab.order());
  ASSERT_TRUE(created);
  const ContainerId cid = created->container.cid;
  auto mine = run(lab.io, lab.control->containers.property(lab.ann, cid));
  ASSERT_TRUE(mine);
  EXPECT_EQ(mine->password, created->password);
  const Actor admin{UserId{99}, "root", Role::kAdmin};
  auto seen_by_admin = run(lab.io, lab.control->containers.property(admin, cid));
  ASSERT_TRUE(seen_by_admin);
  EXPECT_FALSE(seen_by_admin->password);
}

TEST(ContainersTest, OtherPeoplesContainersDoNotExist) {
  Lab lab;
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  auto& containers = lab.control->containers;
  const int calls = lab.engine->calls();
  const std::string absent = message_of(run(lab.io, containers.status(lab.bob, ContainerId{999})));
  EXPECT_EQ(message_of(run(lab.io, containers.status(lab.bob, cid))), absent);
  EXPECT_EQ(message_of(run(lab.io, containers.property(lab.bob, cid))), absent);
  EXPECT_EQ(message_of(run(lab.io, containers.start(lab.bob, cid, std::nullopt))), absent);
  EXPECT_EQ(message_of(run(lab.io, containers.stop(lab.bob, cid))), absent);
  EXPECT_EQ(message_of(run(lab.io, containers.remove(lab.bob, cid))), absent);
  EXPECT_EQ(message_of(run(lab.io, lab.control->images.save(lab.bob, cid, "x", false))), absent);
  EXPECT_EQ(lab.engine->calls(), calls) << "a refusal must not touch the engine";
  EXPECT_EQ(run(lab.io, containers.list(lab.bob))->size(), 0u);
}

TEST(ContainersTest, OneGpuGoesToOneOfManyWhoAskAtOnce) {
  Lab lab;
  std::vector<Task<Result<CreatedContainer>>> asked;
  for (int i = 0; i < 64; ++i) {
    const NewContainer wanted = lab.order(1, 64, {lab.gpus[1]});
    asked.push_back(lab.control->containers.create(i % 2 ? lab.ann : lab.bob, wanted));
  }
  const auto results = run_all(lab.io, std::move(asked));
  EXPECT_EQ(std::ranges::count_if(results, [](const auto& r) { return r.has_value(); }), 1);
  for (const auto& result : results) {
    EXPECT_EQ(message_of(result), result ? "" : "gpu 2 not available");
  }
  EXPECT_EQ(lab.engine->calls("create"), 1) << "losers touch no engine";
  EXPECT_EQ(lab.complaints(), "");
}

TEST(ContainersTest, AsManyWinAsFit) {
  Lab lab;
  std::vector<Task<Result<CreatedContainer>>> asked;
  for (int i = 0; i < 64; ++i) {
    const NewContainer wanted = lab.order(3, 64);
    asked.push_back(lab.control->containers.create(lab.ann, wanted));
  }
  const auto results = run_all(lab.io, std::move(asked));
  EXPECT_EQ(std::ranges::count_if(results, [](const auto& r) { return r.has_value(); }), 2);
  EXPECT_EQ(lab.complaints(), "");
}

TEST(ContainersTest, StopGivesBackAndStartTakesAgain) {
  Lab lab;
  const ContainerId cid = lab.must_create(lab.ann, lab.order(4, 1024, {lab.gpus[0]}));
  auto& containers = lab.control->containers;
  ASSERT_TRUE(run(lab.io, containers.stop(lab.ann, cid)));
  EXPECT_EQ(lab.used(), Claim{});
  EXPECT_EQ(message_of(run(lab.io, containers.stop(lab.ann, cid))), "container already stopped");
  const ContainerId other = lab.must_create(lab.bob, lab.order(1, 64, {lab.gpus[0]}));
  EXPECT_EQ(message_of(run(lab.io, containers.start(lab.ann, cid, std::nullopt))),
            "gpu 1 not available");
  ASSERT_TRUE(run(lab.io, containers.remove(lab.bob, other)));
  ASSERT_TRUE(run(lab.io, containers.start(lab.ann, cid, std::nullopt)));
  EXPECT_EQ(message_of(run(lab.io, containers.start(lab.ann, cid, std::nullopt))),
            "container already running");
  EXPECT_EQ(lab.used(), (Claim{4, 1024, {lab.gpus[0]}}));
  EXPECT_EQ(lab.complaints(), "");
}

TEST(ContainersTest, StartWithAnotherGpuKeepsPortsAndPassword) {
  Lab lab;
  const auto created = lab.create(lab.ann, lab.order(1, 64, {lab.gpus[0]}));
  ASSERT_TRUE(created);
  const ContainerId cid = created->container.cid;
  auto& containers = lab.control->containers;
  ASSERT_TRUE(run(lab.io, containers.stop(lab.ann, cid)));
  const std::optional<std::vector<GpuId>> other{{lab.gpus[1]}};
  ASSERT_TRUE(run(lab.io, containers.start(lab.ann, cid, other)));
  const auto property = run(lab.io, containers.property(lab.ann, cid));
  ASSERT_TRUE(property);
  EXPECT_EQ(property->password, created->password);
  EXPECT_EQ(property->container.ports.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(property->container.ports[i].host_port, created->container.ports[i].host_port);
  }
  EXPECT_EQ(lab.used().gpus, std::set<GpuId>{lab.gpus[1]});
  EXPECT_EQ(lab.complaints(), "");
}

TEST(ContainersTest, AContainerThatEndsByItselfGivesItsGpuBack) {
  Lab lab;
  const ContainerId cid = lab.must_create(lab.ann, lab.order(1, 64, {lab.gpus[0]}));
  lab.engine->kill_behind_our_back(lab.seen(cid).id);
  lab.settle();
  EXPECT_EQ(*run(lab.io, lab.control->containers.status(lab.ann, cid)), State::kStopped);
  EXPECT_EQ(lab.row(cid)->reason, "ended by itself, exit code 137");
  EXPECT_EQ(lab.used(), Claim{});
  EXPECT_EQ(lab.complaints(), "");
}

TEST(ContainersTest, APausedContainerIsNotRunningAndStartResumesIt) {
  Lab lab;
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  lab.engine->pause_behind_our_back(lab.seen(cid).id);
  lab.settle();
  EXPECT_EQ(*run(lab.io, lab.control->containers.status(lab.ann, cid)), State::kPaused);
  EXPECT_EQ(lab.used().cpu_cores, 1) << "it still has its memory and its cores";
  ASSERT_TRUE(run(lab.io, lab.control->containers.start(lab.ann, cid, std::nullopt)));
  EXPECT_EQ(*run(lab.io, lab.control->containers.status(lab.ann, cid)), State::kRunning);
  EXPECT_EQ(lab.complaints(), "");
}

TEST(ContainersTest, AContainerRemovedByHandKeepsItsRowAndSaysWhy) {
  Lab lab;
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  lab.engine->remove_behind_our_back(lab.seen(cid).id);
  lab.settle();
  EXPECT_EQ(*run(lab.io, lab.control->containers.status(lab.ann, cid)), State::kStopped);
  EXPECT_EQ(lab.used(), Claim{});
  const auto started = run(lab.io, lab.control->containers.start(lab.ann, cid, std::nullopt));
  EXPECT_EQ(code_of(started), ErrorCode::kRefused);
  EXPECT_EQ(lab.used(), Claim{});
  EXPECT_TRUE(run(lab.io, lab.control->containers.remove(lab.ann, cid)));
  EXPECT_EQ(lab.complaints(), "");
}

TEST(ContainersTest, AListingThatMissesAContainerProvesNothing) {
  Lab lab;
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  lab.engine->edit_list = [](std::vector<ListedContainer>& listed) { listed.clear(); };
  lab.settle();
  EXPECT_EQ(lab.row(cid)->state, State::kRunning);
  EXPECT_EQ(lab.used().cpu_cores, 1);
}

TEST(ContainersTest, NothingIsWrittenDownForADeviceThatDoesNotAnswer) {
  Lab lab;
  lab.control->devices.mark_reachable(lab.device, false);
  const int calls = lab.engine->calls();
  EXPECT_EQ(code_of(lab.create(lab.ann, lab.order(1, 512, {lab.gpus[0]}))),
            ErrorCode::kUnavailable);
  EXPECT_TRUE(lab.rows().empty()) << "it would hold until the device answers";
  EXPECT_EQ(lab.used(), Claim{});
  EXPECT_EQ(lab.engine->calls(), calls);
  auto elsewhere = lab.order();
  elsewhere.image = ImageId{999};
  EXPECT_EQ(code_of(lab.create(lab.ann, elsewhere)), ErrorCode::kNotFound) << "the image first";
  lab.control->devices.mark_reachable(lab.device, true);
  lab.must_create(lab.ann, lab.order(1, 512, {lab.gpus[0]}));
  EXPECT_EQ(lab.complaints(), "");
}

// An older database was put back, which does not know what ids were given out since.
TEST(ContainersTest, NobodyIsGivenAFolderWithTheFilesOfAnother) {
  Lab lab;
  lab.host.used_folders = {"test-1", "test-2"};
  for (int i = 0; i < 2; ++i) {
    const auto refused = lab.create(lab.bob, lab.order());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().details, "its folder has the files of another container already");
  }
  EXPECT_TRUE(lab.rows().empty());
  const ContainerId cid = lab.must_create(lab.bob, lab.order());
  EXPECT_EQ(cid, ContainerId{3});
  lab.host.used_folders.insert("test-3");  // its own files
  ASSERT_TRUE(run(lab.io, lab.control->containers.stop(lab.bob, cid)));
  EXPECT_TRUE(
      run(lab.io, lab.control->containers.start(lab.bob, cid, std::vector<GpuId>{lab.gpus[0]})));
  EXPECT_EQ(lab.complaints(), "");
}

// A store whose disk fails after its first write: nothing is read any more.
class UnreadableStore final : public Store {
 public:
  explicit UnreadableStore(Store& store) : store_(store) {}

 private:
  Task<Result<>> run_read(Body body) override {
    if (store_.writes() > first_)
      co_return fail(ErrorCode::kUnavailable, "the disk of the database failed");
    auto work = [&body](Transaction& tx) -> Result<> { return body(tx); };
    co_return co_await store_.read(work);
  }
  Task<Result<>> run_write(Body body) override {
    auto work = [&body](Transaction& tx) -> Result<> { return body(tx); };
    co_return co_await store_.write(work);
  }

  Store& store_;
  const std::uint64_t first_ = store_.writes();
};

TEST(ContainersTest, WhatWasMadeAndCannotBeReadIsNotCalledRemoved) {
  Lab lab;
  UnreadableStore unreadable(*lab.store);
  auto& control = *lab.control;
  Containers containers(unreadable, control.devices, control.driver, lab.clock, lab.sealer(),
                        control.strangers);
  auto made = run(lab.io, containers.create(lab.ann, lab.order()));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kUnknown);
  ASSERT_EQ(lab.rows().size(), 1u);
  EXPECT_EQ(lab.rows().front().state, State::kRunning);
}

// Who it is costs an engine two programs: it is not asked when its own word says that the container
// is gone.
TEST(ContainersTest, TheEngineThatTookAContainerAwayIsNotAskedWhoItIs) {
  Lab lab;
  const ContainerId taken = lab.must_create(lab.ann, lab.order());
  const ContainerId gone = lab.must_create(lab.ann, lab.order());
  const int before = lab.engine->calls("info");
  ASSERT_TRUE(run(lab.io, lab.control->containers.remove(lab.ann, taken)));
  EXPECT_EQ(lab.engine->calls("info"), before);
  lab.engine->remove_behind_our_back(lab.seen(gone).id);
  ASSERT_TRUE(run(lab.io, lab.control->containers.remove(lab.ann, gone)));
  EXPECT_EQ(lab.engine->calls("info"), before + 1);
}

// The engine's disk was reset, or another machine has its address.
TEST(ContainersTest, WhatAnotherEngineHasNotGotIsNotGone) {
  Lab lab;
  auto know_engine = [did = lab.device,
                      id = lab.engine->machine.info().engine_id](Transaction& tx) -> Result<> {
    auto device = tx.device(did);
    device->engine_id = id;
    return tx.update_device(*device), ok();
  };
  ASSERT_TRUE(run(lab.io, lab.store->write(know_engine)));
  const ContainerId cid = lab.must_create(lab.ann, lab.order(2, 512, {lab.gpus[0]}));
  const ContainerId going = lab.must_create(lab.ann, lab.order());
  const auto iid = run(lab.io, lab.control->images.save(lab.ann, cid, "mine", false));
  lab.engine->machine.become_another();
  const auto says = [](const auto& result) { return message_of(result); };
  const std::string another = "another engine answers on the device than before";
  EXPECT_EQ(says(run(lab.io, lab.control->containers.remove(lab.ann, going))), another);
  EXPECT_EQ(says(run(lab.io, lab.control->images.remove(lab.ann, *iid))), another);
  for (const bool is_reachable : {true, false}) {
    lab.control->devices.mark_reachable(lab.device, is_reachable);
    (void)run(lab.io, lab.control->containers.stop(lab.ann, cid));
    (void)run(lab.io, lab.control->containers.status(lab.ann, cid));
    lab.settle();
    EXPECT_TRUE(lab.row(going)) << "no engine said that it is gone";
    ASSERT_TRUE(lab.row(cid));
    EXPECT_EQ(lab.row(cid)->state, State::kRunning);
    EXPECT_EQ(lab.used().gpus, std::set<GpuId>{lab.gpus[0]});
  }
  EXPECT_EQ(lab.engine->calls("create"), 2) << "nothing is made on it either";
}

TEST(ContainersTest, OnADrainingDeviceNothingIsCreatedOrStartedAndWhatRunsGoesOn) {
  Lab lab;
  const ContainerId runs = lab.must_create(lab.ann, lab.order());
  const ContainerId rests = lab.must_create(lab.ann, lab.order());
  Devices& devices = lab.control->devices;
  Containers& containers = lab.control->containers;
  ASSERT_TRUE(run(lab.io, containers.stop(lab.ann, rests)));
  ASSERT_TRUE(run(lab.io, devices.set_draining(local_admin(), lab.device, true)));
  EXPECT_EQ(code_of(lab.create(lab.ann, lab.order())), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(run(lab.io, containers.start(lab.ann, rests, {}))), ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(run(lab.io, lab.control->matlab.create(1, ""))), ErrorCode::kUnavailable);
  lab.settle();
  EXPECT_EQ(lab.seen(runs).state, EngineState::kRunning);
  EXPECT_EQ(lab.rows().size(), 2u);
  EXPECT_EQ(code_of(run(lab.io, devices.set_draining(lab.ann, lab.device, false))),
            ErrorCode::kForbidden);
  ASSERT_TRUE(run(lab.io, devices.set_draining(local_admin(), lab.device, false)));
  EXPECT_TRUE(run(lab.io, containers.start(lab.ann, rests, {})));
  EXPECT_EQ(lab.complaints(), "");
}

TEST(ContainersTest, AnUnreachableDeviceHoldsEverythingAndRefusesNewWork) {
  Lab lab;
  const ContainerId cid = lab.must_create(lab.ann, lab.order(2));
  lab.engine->go_down();
  lab.control->devices.mark_reachable(lab.device, false);
  EXPECT_EQ(code_of(run(lab.io, lab.control->containers.status(lab.ann, cid))),
            ErrorCode::kUnavailable);
  EXPECT_EQ(code_of(lab.create(lab.ann, lab.order())), ErrorCode::kUnavailable);
  EXPECT_EQ(lab.row(cid)->state, State::kRunning) << "unknown is not gone";
  lab.engine->come_up();
  lab.control->devices.mark_reachable(lab.device, true);
  lab.settle();
  EXPECT_EQ(lab.used().cpu_cores, 2);
  EXPECT_EQ(lab.complaints(), "");
}

TEST(ContainersTest, SavesAnImageThatItsOwnerMayUseAndNobodyElse) {
  Lab lab;
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  auto& images = lab.control->images;
  const auto iid = run(lab.io, images.save(lab.ann, cid, "mine", false));
  ASSERT_TRUE(iid) << message_of(iid);
  NewContainer wanted = lab.order();
  wanted.image = *iid;
  EXPECT_EQ(message_of(lab.create(lab.bob, wanted)), "no image or not authorized to visit image");
  const ContainerId second = lab.must_create(lab.ann, wanted);
  EXPECT_EQ(message_of(run(lab.io, images.remove(lab.ann, *iid))),
            "some containers is based on the image, unable to remove image");
  EXPECT_EQ(message_of(run(lab.io, images.remove(lab.bob, *iid))),
            "no image or not authorized to remove");
  ASSERT_TRUE(run(lab.io, lab.control->containers.remove(lab.ann, second)));
  EXPECT_TRUE(run(lab.io, images.remove(lab.ann, *iid)));
  EXPECT_EQ(lab.complaints(), "");
}

// What one person does in a working day, every operation once. Returns what the last one said.
void working_day(Lab& lab) {
  auto& containers = lab.control->containers;
  const auto created = lab.create(lab.ann, lab.order(1, 64, {lab.gpus[0]}));
  if (!created) return;
  const ContainerId cid = created->container.cid;
  const auto saved = run(lab.io, lab.control->images.save(lab.ann, cid, "image", false));
  (void)run(lab.io, containers.stop(lab.ann, cid));
  (void)run(lab.io, containers.start(lab.ann, cid, std::vector<GpuId>{lab.gpus[1]}));
  (void)run(lab.io, containers.stop(lab.ann, cid));
  (void)run(lab.io, containers.start(lab.ann, cid, std::vector<GpuId>{}));
  if (saved) (void)run(lab.io, lab.control->images.remove(lab.ann, *saved));
  (void)run(lab.io, lab.control->matlab.create(7, ""));
  (void)run(lab.io, lab.control->matlab.restart(7));
  (void)run(lab.io, lab.control->matlab.destroy(7));
  (void)run(lab.io, containers.remove(lab.ann, cid));
}

// The next one after whatever went wrong must simply work.
void expect_service_restored(Lab& lab) {
  const ContainerId cid = lab.must_create(lab.bob, lab.order(1, 64, {lab.gpus[0]}));
  EXPECT_TRUE(run(lab.io, lab.control->containers.remove(lab.bob, cid)));
  EXPECT_EQ(lab.complaints(), "");
}

struct Trouble {
  const char* name;
  Fault::Kind kind;
  bool lasts;  // every call from then on, until the recovery
};

class EveryCallFails : public ::testing::TestWithParam<Trouble> {};

// Call 0 fails, then call 1, ... until a whole day passes without meeting the fault. After each,
// recovery must leave engine, rows and ledger in agreement.
TEST_P(EveryCallFails, AndRecoveryLeavesEverythingInAgreement) {
  for (int nth = 0;; ++nth) {
    ASSERT_LT(nth, 500) << "the day never passes";
    Lab lab;
    int seen = 0;
    bool met = false;
    lab.engine->fault = [&](std::string_view) {
      const bool strikes = GetParam().lasts ? seen >= nth : seen == nth;
      ++seen;
      met = met || strikes;
      return strikes ? Fault{.kind = GetParam().kind} : Fault{};
    };
    working_day(lab);
    lab.crash_and_recover();
    ASSERT_EQ(lab.complaints(), "") << GetParam().name << " at call " << nth;
    expect_service_restored(lab);
    if (::testing::Test::HasFailure() || !met) return;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Containers, EveryCallFails,
    ::testing::Values(Trouble{"refused", Fault::Kind::kRefuse, false},
                      Trouble{"refused_for_good", Fault::Kind::kRefuse, true},
                      Trouble{"reply_lost", Fault::Kind::kReplyLost, false},
                      Trouble{"reply_lost_for_good", Fault::Kind::kReplyLost, true},
                      Trouble{"never", Fault::Kind::kNever, false},
                      Trouble{"never_for_good", Fault::Kind::kNever, true},
                      Trouble{"unavailable", Fault::Kind::kUnavailable, false},
                      Trouble{"unavailable_for_good", Fault::Kind::kUnavailable, true},
                      Trouble{"dies_before", Fault::Kind::kDieBefore, false},
                      Trouble{"dies_after", Fault::Kind::kDieAfter, false}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace berth
