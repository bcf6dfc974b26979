#include "http/http_date.hpp"

#include <gtest/gtest.h>

namespace berth::http {
namespace {

TEST(HttpDateTest, FormatsAsRfc9110HasIt) {
  EXPECT_EQ(format_http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  HttpDate date;
  EXPECT_EQ(date.now().size(), 29u);
}

}  // namespace
}  // namespace berth::http
