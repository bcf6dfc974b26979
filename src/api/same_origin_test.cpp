#include "api/same_origin.hpp"

#include <gtest/gtest.h>

namespace berth::api {
namespace {

http::Request post(std::vector<std::pair<std::string, std::string>> headers,
                   std::string body = "{}") {
  http::Request request{
      .method = "POST", .path = "/x", .headers = std::move(headers), .body = std::move(body)};
  request.headers.emplace_back("host", "lab:5000");
  return request;
}

int status_of(const http::Request& request) {
  auto refusal = refuse_cross_site(request);
  return refusal ? refusal->status : 200;
}

TEST(SameOriginTest, LetsScriptsAndTheOwnPageThrough) {
  EXPECT_EQ(status_of(post({{"content-type", "application/json"}})), 200);
  EXPECT_EQ(status_of(post({{"content-type", "Application/JSON; charset=utf-8"}})), 200);
  EXPECT_EQ(status_of(post({}, "")), 200);
  EXPECT_EQ(status_of(post({{"content-type", "application/json"},
                            {"origin", "http://lab:5000"},
                            {"sec-fetch-site", "same-origin"}})),
            200);
}

TEST(SameOriginTest, RefusesFormsOfOtherSites) {
  EXPECT_EQ(status_of(post({{"content-type", "text/plain"}})), 415);
  EXPECT_EQ(status_of(post({})), 415);
  EXPECT_EQ(status_of(post({{"content-type", "application/json"}, {"origin", "http://evil"}})),
            403);
  EXPECT_EQ(status_of(post({{"content-type", "application/json"}, {"origin", "null"}})), 403);
  EXPECT_EQ(status_of(post({{"sec-fetch-site", "cross-site"}}, "")), 403);
  EXPECT_EQ(status_of(post({{"sec-fetch-site", "same-site"}}, "")), 403);
}

TEST(SameOriginTest, ReadsAreNobodysBusinessHere) {
  auto request = post({{"origin", "http://evil"}});
  request.method = "GET";
  EXPECT_EQ(status_of(request), 200);
}

TEST(SameOriginTest, AWebSocketIsMoreThanARead) {
  auto request = post({{"upgrade", "websocket"}, {"origin", "http://evil"}}, "");
  request.method = "GET";
  EXPECT_EQ(status_of(request), 403);
  request.headers[1].second = "http://lab:5000";
  EXPECT_EQ(status_of(request), 200);
}

TEST(SameOriginTest, KnowsItsOwnHost) {
  auto named = [](const char* host) {
    return is_own_host({.method = "GET", .headers = {{"host", host}}}, "10.0.0.5:8080");
  };
  EXPECT_TRUE(named("localhost:8080"));
  EXPECT_TRUE(named("127.0.0.1"));
  EXPECT_TRUE(named("[::1]:8080"));
  EXPECT_TRUE(named("10.0.0.5:8080"));
  EXPECT_FALSE(named("evil.example:8080"));
  EXPECT_FALSE(named("localhost.evil.example"));
  EXPECT_FALSE(named(""));
}

}  // namespace
}  // namespace berth::api
