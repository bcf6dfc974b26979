#include "core/matlab_names.hpp"

#include <gtest/gtest.h>

namespace berth::matlab_names {
namespace {

TEST(MatlabNamesTest, FollowFromTheUsersNumber) {
  EXPECT_EQ(container_id(1), "matlab-user-1");
  EXPECT_EQ(http_port(1), 30001);
  EXPECT_EQ(ws_port(100), 31100);
}

TEST(MatlabNamesTest, EveryIdReadsBack) {
  for (int user = 1; user <= kSlots; ++user)
    EXPECT_EQ(parse_container_id(container_id(user)), user);
}

TEST(MatlabNamesTest, NothingElseIsAnId) {
  for (const char* bad :
       {"", "matlab-user-", "matlab-user-0", "matlab-user-101", "matlab-user-999999",
        "matlab-user-01", "matlab-user-0101", "matlab-user--1", "matlab-user-+1", "matlab-user-1\n",
        "matlab-user-1 ", " matlab-user-1", "matlab-user-１", "matlab-user-1/..", "MATLAB-user-1",
        "matlab-user-1x", "matlab-user-1e1", "1", "matlab-user-2147483649"}) {
    EXPECT_EQ(parse_container_id(bad), std::nullopt) << bad;
  }
  EXPECT_EQ(parse_container_id(std::string_view("matlab-user-1\0", 14)), std::nullopt);
}

}  // namespace
}  // namespace berth::matlab_names
