#include "api/allow_list.hpp"

#include <gtest/gtest.h>

namespace berth::api {
namespace {

TEST(AllowListTest, AllowsEverybodyWhenEmpty) { EXPECT_TRUE(AllowList::parse({})->allows("203.0.113.9")); }

TEST(AllowListTest, AllowsOnlyItsNetworks) {
  const auto list = AllowList::parse({"10.0.0.0/8", "192.168.1.7", "fd00::/8"});
  ASSERT_TRUE(list);
  for (const char* inside : {"10.255.0.1", "192.168.1.7", "fd12::1", "::ffff:10.1.1.1"}) {
    EXPECT_TRUE(list->allows(inside)) << inside;
  }
  for (const char* outside : {"11.0.0.1", "192.168.1.8", "fe80::1", "unix", "", "10.0.0.1.evil"}) {
    EXPECT_FALSE(list->allows(outside)) << outside;
  }
}

TEST(AllowListTest, RefusesWhatIsNoNetwork) {
  for (const char* bad : {"", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "lab", "10.0.0/8", "fd00::/129"}) {
    EXPECT_FALSE(AllowList::parse({bad})) << bad;
  }
}

}  // namespace
}  // namespace berth::api
