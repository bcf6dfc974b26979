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

// Counts how often it is read.
class CountingStore final : public Store {
 public:
  CountingStore(Store& store, int& reads) : store_(store), reads_(reads) {}

 private:
  Task<Result<>> run_read(Body body) override {
    ++reads_;
    co_return co_await store_.read(body);
  }
  Task<Result<>> run_write(Body body) override { co_return co_await store_.write(body); }

  Store& store_;
  int& reads_;
};

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

TEST_F(SamplerTest, FollowsAMatlabSessionUntilItEnds) {
  auto made = run(lab.io, lab.control->matlab.create(7, "s-7"));
  ASSERT_TRUE(made) << made.error().message;
  const ContainerId cid = made->container.cid;
  lab.host.counters[lab.seen(cid).pid] = {.cpu_ns = 1, .memory_bytes = 4000};
  sample();
  EXPECT_EQ(memory_of(cid), 4000);
  ASSERT_TRUE(run(lab.io, lab.control->matlab.destroy(7)));
  sample();
  EXPECT_EQ(memory_of(cid), -1);
}

TEST_F(SamplerTest, LeavesAWorkspaceOfADeviceThatIsElsewhereAlone) {
  auto moved = lab.control->store.write([](Transaction& tx) -> Result<DeviceId> {
    return tx.insert_device({.name = "elsewhere", .endpoint = "ssh://there"});
  });
  const DeviceId elsewhere = run(lab.io, std::move(moved)).value();
  const ContainerId cid = create(1000);
  auto move = lab.control->store.write([cid, elsewhere](Transaction& tx) -> Result<> {
    ContainerRow row = *tx.container(cid);
    tx.delete_container(cid);
    row.did = elsewhere;
    tx.insert_container(row);
    return ok();
  });
  ASSERT_TRUE(run(lab.io, std::move(move)));
  const int asked = lab.engine->calls("inspect");
  sample();
  EXPECT_EQ(lab.engine->calls("inspect"), asked);
}

class SamplerReadsTest : public SamplerTest {
 protected:
  SamplerReadsTest() {
    file = std::move(lab.store);
    lab.store = std::make_unique<CountingStore>(*file, reads);
    lab.crash_and_recover();  // a control layer that stands on it
  }
  ~SamplerReadsTest() override { lab.control.reset(); }

  int reads_of(int seconds) {
    const int before = reads;
    for (int i = 0; i < seconds; ++i) {
      run(lab.io, sample_once(lab.control->sampler));
      lab.io.restart();
      lab.io.poll();
      lab.clock.advance(std::chrono::seconds(1));
    }
    return reads - before;
  }

  int reads = 0;
  std::unique_ptr<Store> file;
};

TEST_F(SamplerReadsTest, AsksTheStoreOnlyAboutChangesAndOnceAMinuteAboutAll) {
  create(1000);
  create(2000);
  reads_of(2);
  EXPECT_LE(reads_of(60), 1);
  EXPECT_LE(reads_of(600), 10);
}

TEST_F(SamplerReadsTest, WhatHasNothingToDoWithContainersIsNotAskedFor) {
  create(1000);
  reads_of(2);
  auto write = lab.control->store.write([](Transaction& tx) -> Result<> {
    tx.insert_image({.did = DeviceId{1}, .name = "another"});
    return ok();
  });
  ASSERT_TRUE(run(lab.io, std::move(write)));
  EXPECT_EQ(reads_of(1), 0);
}

// A row that was changed in the file by hand: nobody is told.
TEST_F(SamplerReadsTest, FindsWhatItWasNotToldOf) {
  const ContainerId cid = create(1000);
  sample();
  auto by_hand = file->write([cid](Transaction& tx) -> Result<> {
    ContainerRow row = *tx.container(cid);
    row.state = State::kStopped;
    tx.update_container(row);
    return ok();
  });
  ASSERT_TRUE(run(lab.io, std::move(by_hand)));
  reads_of(2);
  EXPECT_EQ(memory_of(cid), 1000);
  reads_of(61);
  EXPECT_EQ(memory_of(cid), -1);
}

}  // namespace
}  // namespace berth
