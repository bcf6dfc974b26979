#include "control/devices.hpp"

#include <gtest/gtest.h>

#include "fakes/lab.hpp"

namespace berth {
namespace {

using testing::Lab;
using testing::run;

class DevicesTest : public ::testing::Test {
 protected:
  DeviceRow row() {
    auto work = [did = lab.device](Transaction& tx) -> Result<DeviceRow> {
      return *tx.device(did);
    };
    return run(lab.io, lab.store->read(work)).value();
  }
  std::vector<GpuRow> gpus() {
    return run(lab.io, lab.control->devices.property(lab.ann, lab.device)).value().gpus;
  }
  void put(std::optional<std::vector<GpuRow>> gpus) {
    DeviceRow wanted = row();
    wanted.engine_id = "its own";
    ASSERT_TRUE(run(lab.io, lab.control->devices.put(wanted, std::move(gpus))));
  }
  void trust_next() {
    ASSERT_TRUE(run(lab.io, lab.control->devices.trust_next_engine(local_admin(), lab.device)));
  }

  Lab lab;
};

TEST_F(DevicesTest, TrustIsForADeviceThatIsNotConnectedAndLeavesNothingOpenForLater) {
  put(std::nullopt);
  trust_next();
  EXPECT_EQ(row().engine_id, "its own");
  lab.control->devices.mark_reachable(lab.device, false);
  trust_next();
  EXPECT_EQ(row().engine_id, "");
}

TEST_F(DevicesTest, AModelThatCouldNotBeReadThisTimeStaysWhatItWas) {
  put(std::vector<GpuRow>{{.uuid = "GPU-a", .model = "A100"}});
  put(std::vector<GpuRow>{{.uuid = "GPU-a"}, {.uuid = "GPU-b"}});
  const auto there = gpus();
  ASSERT_EQ(there.size(), 2u);
  EXPECT_EQ(there[0].model, "A100");
  EXPECT_EQ(there[1].model, "GPU");
}

}  // namespace
}  // namespace berth
