#include "api/v1/queries.hpp"

#include <gtest/gtest.h>

namespace berth::api::v1 {
namespace {

Query ask(std::string query) {
  return Query(http::Request{.method = "GET", .query = std::move(query)});
}

TEST(QueryTest, ReadsWhatItIsAskedFor) {
  Query query = ask("limit=5&scope=mine&since=2026-01-02T03%3A04%3A05Z");
  EXPECT_EQ(query.number("limit", 1, 10), 5);
  EXPECT_EQ(query.word("scope", {"all", "mine"}), "mine");
  EXPECT_TRUE(query.time("since"));
  EXPECT_EQ(query.number("absent", 1, 10), std::nullopt);
  EXPECT_TRUE(query.finish());
}

TEST(QueryTest, RefusesWhatBreaksARule) {
  for (const char* text : {"limit=0", "limit=11", "limit=", "limit", "limit=1.0", "limit=+1",
                           "limit=1%", "limit=1&limit=2", "other=1"}) {
    Query query = ask(text);
    query.number("limit", 1, 10);
    EXPECT_FALSE(query.finish()) << text;
  }
}

TEST(QueryTest, SaysWhichOneIsWrong) {
  Query query = ask("scope=everything");
  query.word("scope", {"all", "mine"});
  EXPECT_EQ(query.finish().error().message, "scope: must be one of all mine");
}

TEST(QueryTest, APageHasABound) {
  Query none = ask("");
  EXPECT_EQ(read_page(none).limit, 1000u);
  Query too_many = ask("limit=1001");
  read_page(too_many);
  EXPECT_FALSE(too_many.finish());
}

}  // namespace
}  // namespace berth::api::v1
