#include "engine/docker/target.hpp"

#include <gtest/gtest.h>

namespace berth::docker {
namespace {

TEST(TargetTest, PartsAndValuesStayWhatTheyAre) {
  EXPECT_EQ(Target("/containers").part("a").path("/stop").query("t", "10").text(),
            "/containers/a/stop?t=10");
  EXPECT_EQ(Target("/x").part("../y?z#").text(), "/x/..%2Fy%3Fz%23");
  EXPECT_EQ(Target("/x").query("a b", "c&d=e").query("f", "\r\n+é").text(),
            "/x?a%20b=c%26d%3De&f=%0D%0A%2B%C3%A9");
}

}  // namespace
}  // namespace berth::docker
