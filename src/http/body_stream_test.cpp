#include "http/body_stream.hpp"

#include <gtest/gtest.h>

namespace berth::http {
namespace {

TEST(BodyStreamTest, GivesPiecesInOrderAndAllAtOnce) {
  BodyStream stream({});
  int woken = 0;
  stream.on_wake([&] { ++woken; });
  EXPECT_TRUE(stream.push("a"));
  EXPECT_TRUE(stream.push("b"));
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(stream.take(), "ab");
  EXPECT_EQ(stream.take(), "");
}

TEST(BodyStreamTest, ASlowReaderEndsItInsteadOfFillingMemory) {
  BodyStream by_count({.most_pieces = 2});
  bool closed = false;
  by_count.on_closed([&] { closed = true; });
  EXPECT_TRUE(by_count.push("a"));
  EXPECT_TRUE(by_count.push("b"));
  EXPECT_FALSE(closed);
  EXPECT_FALSE(by_count.push("c"));
  EXPECT_TRUE(closed && by_count.is_closed());
  BodyStream by_size({.most_bytes = 3});
  EXPECT_TRUE(by_size.push("abc"));
  EXPECT_FALSE(by_size.push("d"));
}

TEST(BodyStreamTest, ClosesOnceAndTakesNothingAfter) {
  BodyStream stream({});
  int closed = 0;
  stream.on_closed([&] { ++closed; });
  stream.close();
  stream.close();
  EXPECT_EQ(closed, 1);
  EXPECT_FALSE(stream.push("late"));
}

TEST(BodyStreamTest, ARecheckIsAskedForOnce) {
  BodyStream stream({});
  stream.recheck();
  EXPECT_TRUE(stream.take_recheck());
  EXPECT_FALSE(stream.take_recheck());
}

}  // namespace
}  // namespace berth::http
