#include "http/request_ids.hpp"

#include <gtest/gtest.h>

namespace berth::http {
namespace {

TEST(RequestIdsTest, AreDifferentAndSafeInAHeader) {
  RequestIds ids;
  const std::string first = ids.next();
  EXPECT_TRUE(first.ends_with("-1"));
  EXPECT_TRUE(ids.next().ends_with("-2"));
  EXPECT_EQ(first.find_first_not_of("0123456789abcdef-"), std::string::npos);
}

}  // namespace
}  // namespace berth::http
