// What is different for a device that is not the machine that Berth runs on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/lab.hpp"

namespace berth {
namespace {

using testing::FakeEngine;
using ::testing::IsEmpty;
using testing::Lab;
using testing::run;
using ::testing::SizeIs;

class OtherMachineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    lab.control->devices.attach(lab.device, lab.engine,
                                {.is_here = false, .publish_ip = "10.0.0.2", .probe_ip = "gpu2"});
    lab.control->devices.mark_reachable(lab.device, true);
  }

  const memory::Container& on_engine(ContainerId cid) {
    return *lab.engine->machine.find(lab.seen(cid).id);
  }

  Lab lab;
};

TEST_F(OtherMachineTest, ItsEngineMakesTheFolderAndNobodyElseLooksIn) {
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  EXPECT_THAT(lab.host.folders, IsEmpty());
  const auto& made = on_engine(cid);
  EXPECT_TRUE(made.spec.mounts[0].make_missing);
  ASSERT_THAT(made.archives, SizeIs(2));
  const std::string& folder = made.archives[1].second;
  EXPECT_EQ(made.archives[1].first, "/");
  EXPECT_STREQ(folder.c_str(), "workspace");
  EXPECT_STREQ(folder.c_str() + 100, "0000700");  // its mode
  EXPECT_STREQ(folder.c_str() + 108, "0000000");  // whose it is
  EXPECT_EQ(folder[156], '5');                    // a folder
}

TEST_F(OtherMachineTest, PortsArePublishedOnItsOwnAddress) {
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  for (const PortBinding& port : on_engine(cid).spec.ports) EXPECT_EQ(port.host_ip, "10.0.0.2");
}

// A process here may well have the number that the container's has over there.
TEST_F(OtherMachineTest, FiguresComeFromItsEngineNotFromAProcessOfThatNumberHere) {
  const ContainerId cid = lab.must_create(lab.ann, lab.order());
  lab.host.counters[lab.seen(cid).pid] = {.cpu_ns = 1, .memory_bytes = 1234567};
  for (int i = 0; i < 30; ++i) {
    auto sample = [](Sampler& sampler) -> Task<bool> {
      co_await sampler.sample_once();
      co_return true;
    };
    run(lab.io, sample(lab.control->sampler));
    lab.io.restart();
    lab.io.poll();
    lab.clock.advance(std::chrono::seconds(1));
  }
  const auto usage = lab.control->sampler.usage(cid);
  ASSERT_TRUE(usage);
  EXPECT_NE(usage->memory_bytes, 1234567);
  EXPECT_FALSE(lab.control->sampler.series(cid, WallTime{}).empty());
}

TEST_F(OtherMachineTest, WhatIsNotKnownOfItStaysAsItWas) {
  auto row = run(lab.io, lab.control->devices.property(lab.ann, lab.device))->device;
  const int cores = row.cpu_cores;
  const auto memory_mb = row.memory_mb;
  row.cpu_cores = 0;
  row.memory_mb = 0;
  row.ip = "10.0.0.9";
  ASSERT_TRUE(run(lab.io, lab.control->devices.put(row, std::nullopt)));
  row = run(lab.io, lab.control->devices.property(lab.ann, lab.device))->device;
  EXPECT_EQ(row.cpu_cores, cores);
  EXPECT_EQ(row.memory_mb, memory_mb);
  EXPECT_EQ(row.ip, "10.0.0.9");
}

TEST_F(OtherMachineTest, OneThatIsNotInTheSettingsAnyMoreTakesNothingAndSaysSo) {
  auto row = run(lab.io, lab.control->devices.property(lab.ann, lab.device))->device;
  row.did = {};
  row.name = "gone";
  const auto gone = run(lab.io, lab.control->devices.put(row, std::nullopt));
  ASSERT_TRUE(gone);
  EXPECT_FALSE(lab.control->devices.is_attached(*gone));
  EXPECT_TRUE(lab.control->devices.is_attached(lab.device));
  const auto engine = lab.control->devices.reachable_engine(*gone);
  ASSERT_FALSE(engine);
  EXPECT_EQ(engine.error().message, "the device is not in the settings any more");
}

// By two addresses one machine would be promised twice.
TEST_F(OtherMachineTest, AnEngineThatAnotherDeviceHasIsNotTrusted) {
  auto row = run(lab.io, lab.control->devices.property(lab.ann, lab.device))->device;
  row.did = {};
  row.name = "twice";
  row.engine_id.clear();
  const auto twice = run(lab.io, lab.control->devices.put(row, std::nullopt));
  ASSERT_TRUE(twice);
  lab.control->devices.attach(*twice, lab.engine, {.is_here = false});
  for (const DeviceId did : {lab.device, *twice}) {
    lab.control->reconciler.watch(did);
    lab.io.restart();
    for (int i = 0; i < 500; ++i) lab.io.poll_one();  // it tries for ever, and time is nothing here
  }
  EXPECT_TRUE(lab.control->devices.is_reachable(lab.device));
  EXPECT_FALSE(lab.control->devices.is_reachable(*twice));
}

}  // namespace
}  // namespace berth
