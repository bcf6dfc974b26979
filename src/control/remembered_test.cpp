#include "control/remembered.hpp"

#include <gtest/gtest.h>

#include "fakes/lab.hpp"

namespace berth {
namespace {

using testing::Lab;

class RememberedTest : public ::testing::Test {
 protected:
  void write_something() {
    auto work = [](Transaction& tx) -> Result<> { return tx.set_meta("any", "thing"), ok(); };
    ASSERT_TRUE(testing::run(lab.io, lab.store->write(work)));
  }
  void keep(const std::string& key, int value) { values.keep(key, lab.store->writes(), value); }
  bool has(std::string_view key) { return values.find(key) != nullptr; }

  Lab lab;
  Remembered<int> values{*lab.store, lab.clock, 2};
};

TEST_F(RememberedTest, GivesWhatWasKeptAndNothingElse) {
  keep("a", 1);
  ASSERT_TRUE(has("a"));
  EXPECT_EQ(*values.find("a"), 1);
  EXPECT_FALSE(has("b"));
}

TEST_F(RememberedTest, ForgetsWhenAnythingIsWritten) {
  keep("a", 1);
  write_something();
  EXPECT_FALSE(has("a"));
}

TEST_F(RememberedTest, ForgetsWhenAWriteFails) {
  keep("a", 1);
  auto work = [](Transaction&) -> Result<> { return fail(ErrorCode::kConflict, "no"); };
  EXPECT_FALSE(testing::run(lab.io, lab.store->write(work)));
  EXPECT_FALSE(has("a"));
}

TEST_F(RememberedTest, DoesNotKeepWhatWasReadBeforeAWrite) {
  const auto as_of = lab.store->writes();
  write_something();
  values.keep("a", as_of, 1);
  EXPECT_FALSE(has("a"));
}

TEST_F(RememberedTest, ForgetsAfterASecond) {
  keep("a", 1);
  lab.clock.advance(std::chrono::milliseconds(999));
  EXPECT_TRUE(has("a"));
  lab.clock.advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(has("a"));
}

TEST_F(RememberedTest, IsBounded) {
  for (const char* key : {"a", "b", "c"}) keep(key, 1);
  EXPECT_FALSE(has("a"));
  EXPECT_TRUE(has("c"));
}

}  // namespace
}  // namespace berth
