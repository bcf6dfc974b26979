#include "store/sql/migrate.hpp"

#include <gtest/gtest.h>

#include "store/sql/session.hpp"
#include "store/sql/sqlite.hpp"

namespace berth::sql {
namespace {

constexpr Migration kFirst{1, "0001_first", "create table a (x); insert into a values (1);"};
constexpr Migration kSecond{2, "0002_second", "create table b (x); insert into b values (2);"};
constexpr Migration kBroken{2, "0002_broken",
                            "create table b (x); insert into nowhere values (2);"};

class MigrateTest : public ::testing::Test {
 protected:
  Result<> migrate(std::vector<Migration> all) { return sql::migrate(*session_, all); }
  int version() { return session_->value<int>("select max(number) from schema_version").value(); }

  std::unique_ptr<Session> session_ = connect(":memory:", Access::kReadWrite);
};

TEST_F(MigrateTest, AppliesWhatIsMissingAndNothingTwice) {
  ASSERT_TRUE(migrate({kFirst}));
  ASSERT_TRUE(migrate({kFirst, kSecond}));
  ASSERT_TRUE(migrate({kFirst, kSecond}));
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(session_->value<int>("select count(*) from a"), 1);
  EXPECT_EQ(session_->value<int>("select count(*) from b"), 1);
}

TEST_F(MigrateTest, OneThatBreaksHalfWayLeavesNothingAndCanRunAgain) {
  EXPECT_THROW((void)migrate({kFirst, kBroken}), std::exception);
  EXPECT_EQ(version(), 1);
  EXPECT_FALSE(has_table(*session_, "b"));
  ASSERT_TRUE(migrate({kFirst, kSecond}));
  EXPECT_EQ(version(), 2);
}

TEST_F(MigrateTest, RefusesASchemaThatItDoesNotKnow) {
  ASSERT_TRUE(migrate({kFirst, kSecond}));
  EXPECT_EQ(migrate({kFirst}).error().code, ErrorCode::kConflict);
}

TEST_F(MigrateTest, TheBuiltInOnesAreNumberedInOrder) {
  int last = 0;
  for (const Migration& migration : migrations()) {
    EXPECT_GT(migration.number, last);
    last = migration.number;
  }
  EXPECT_GT(last, 0);
}

TEST_F(MigrateTest, TheAuditLogKeepsItsNewestMillion) {
  ASSERT_TRUE(sql::migrate(*session_, migrations()));
  const auto append = [&](std::int64_t id) {
    session_->run(
        "insert into audit (id, at, action, subject, outcome) values (:id, 0, 'a', 's', 'ok')", id);
  };
  for (const std::int64_t id : {1, 2, 3, 1'000'002}) append(id);
  EXPECT_EQ(session_->value<int>("select count(*) from audit"), 2);
  EXPECT_EQ(session_->value<int>("select min(id) from audit"), 3);
}

}  // namespace
}  // namespace berth::sql
