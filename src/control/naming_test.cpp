#include "control/naming.hpp"

#include <gtest/gtest.h>

namespace berth {
namespace {

ContainerRow workspace() {
  ContainerRow row;
  row.cid = ContainerId{12};
  row.gpus = {GpuId{3}, GpuId{5}};
  return row;
}

TEST(NamingTest, NamesAWorkspaceByInstallationIdAndGeneration) {
  EXPECT_EQ(Naming("ab12").container(workspace(), 3), "berth-ab12-12-g3");
}

TEST(NamingTest, KeepsTheNameThatTheMatlabContractGives) {
  ContainerRow row;
  row.kind = ContainerKind::kMatlab;
  row.slot = 7;
  EXPECT_EQ(Naming("ab12").container(row, 1), "matlab-user-7");
}

TEST(NamingTest, FindsItsOwnByLabelsAndNobodyElses) {
  const auto labels = Naming("ab12").labels(workspace(), 2);
  const auto owner = Naming("ab12").owner(labels);
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->cid, ContainerId{12});
  EXPECT_EQ(owner->generation, 2);
  EXPECT_FALSE(Naming("other").owner(labels));
  EXPECT_FALSE(Naming("ab12").owner({}));
}

TEST(NamingTest, RefusesLabelsThatAreNoNumbers) {
  for (const char* bad : {"", "0", "-1", "1x", "99999999999999999999", " 1"}) {
    auto labels = Naming("ab12").labels(workspace(), 1);
    labels["berth.cid"] = bad;
    EXPECT_FALSE(Naming("ab12").owner(labels)) << bad;
  }
}

TEST(NamingTest, ReadsBackTheGpusAContainerWasMadeWith) {
  EXPECT_EQ(Naming::built_gpus(Naming("a").labels(workspace(), 1)), workspace().gpus);
  EXPECT_TRUE(Naming::built_gpus({}).empty());
}

TEST(NamingTest, FindsTheOwnerOfAHiddenImage) {
  const Naming naming("ab12");
  const auto owner = naming.rebuild_owner(naming.rebuild_image(ContainerId{9}, 4));
  ASSERT_TRUE(owner);
  EXPECT_EQ(owner->cid, ContainerId{9});
  EXPECT_EQ(owner->generation, 4);
  EXPECT_FALSE(naming.rebuild_owner("berth/rebuild-other:9-g4"));
  EXPECT_FALSE(naming.rebuild_owner("berth/rebuild-ab12:9"));
}

}  // namespace
}  // namespace berth
