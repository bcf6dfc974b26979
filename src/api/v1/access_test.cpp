#include "api/v1/access.hpp"

#include <gtest/gtest.h>

namespace berth::api::v1 {
namespace {

constexpr Access kAll[] = {Access::kPublic, Access::kRead, Access::kWrite, Access::kAdmin,
                           Access::kLogin};

std::string covered(ApiTokenScopes scopes) {
  std::string names;
  for (Access access : kAll) {
    if (covers(scopes, access)) names.append(names.empty() ? "" : " ").append(to_string(access));
  }
  return names;
}

TEST(AccessTest, EachScopeLetsThroughWhatTheOneBeforeDoes) {
  EXPECT_EQ(covered({}), "public");
  EXPECT_EQ(covered({.read = true}), "public read");
  EXPECT_EQ(covered({.write = true}), "public read write");
  EXPECT_EQ(covered({.admin = true}), "public read write admin");
  EXPECT_EQ(covered({true, true, true}), "public read write admin") << "never what needs a log-in";
}

TEST(AccessTest, KnowsItsOwnNamesOnly) {
  for (Access access : kAll) EXPECT_TRUE(is_access(to_string(access)));
  for (const char* other : {"", "user", "Read", "key"}) EXPECT_FALSE(is_access(other)) << other;
}

}  // namespace
}  // namespace berth::api::v1
