#include "api/bearer.hpp"

#include <gtest/gtest.h>

namespace berth::api {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

// "-" for none, "!" for one that is refused.
std::string token_of(Headers headers, std::string query = {}) {
  const http::Request request{
      .method = "GET", .query = std::move(query), .headers = std::move(headers)};
  const auto token = read_bearer(request);
  EXPECT_EQ(has_bearer(request), !token || token->has_value());
  if (!token) return "!";
  return *token ? **token : "-";
}

TEST(BearerTest, ReadsTheHeaderWhateverTheCaseOfTheScheme) {
  EXPECT_EQ(token_of({{"authorization", "Bearer abc"}}), "abc");
  EXPECT_EQ(token_of({{"authorization", "bEARER   abc"}}), "abc");
}

TEST(BearerTest, LeavesOtherSchemesAlone) {
  for (const char* value : {"", "Basic YTpi", "Bearerabc", "Bear", "Token abc"})
    EXPECT_EQ(token_of({{"authorization", value}}), "-") << value;
  EXPECT_EQ(token_of({}), "-");
}

TEST(BearerTest, RefusesAnEmptyTokenAndTwoOfThem) {
  EXPECT_EQ(token_of({{"authorization", "Bearer"}}), "!");
  EXPECT_EQ(token_of({{"authorization", "Bearer "}}), "!");
  EXPECT_EQ(token_of({{"authorization", "Bearer a"}, {"authorization", "Bearer a"}}), "!");
  EXPECT_EQ(token_of({{"authorization", "Basic a"}, {"authorization", "Bearer a"}}), "!");
}

TEST(BearerTest, ReadsNeitherTheQueryNorACookie) {
  EXPECT_EQ(token_of({{"cookie", "authorization=Bearer a"}}, "access_token=a&authorization=Bearer"),
            "-");
}

}  // namespace
}  // namespace berth::api
