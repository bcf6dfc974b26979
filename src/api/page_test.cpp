#include "api/page.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace berth::api {
namespace {

constexpr PageFile kScript{.path = "/assets/a-12345678.js",
                           .type = "text/javascript; charset=utf-8",
                           .etag = "abc",
                           .is_immutable = true,
                           .plain = "plain",
                           .gzip = "zipped",
                           .brotli = "br"};
constexpr PageFile kIndex{
    .path = "/index.html", .type = "text/html; charset=utf-8", .etag = "def", .plain = "<html>"};

http::Response get(const PageFile& file, std::vector<std::pair<std::string, std::string>> headers) {
  return page_response({.method = "GET", .headers = std::move(headers)}, file);
}

std::string header(const http::Response& response, std::string_view name) {
  auto found =
      std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
  return found == response.headers.end() ? "" : found->second;
}

TEST(PageTest, GivesTheBestFormThatTheCallerTakes) {
  EXPECT_EQ(get(kScript, {}).body, "plain");
  EXPECT_EQ(get(kScript, {{"accept-encoding", "gzip, deflate, br"}}).body, "br");
  EXPECT_EQ(get(kScript, {{"accept-encoding", "gzip;q=0.5"}}).body, "zipped");
  EXPECT_EQ(get(kScript, {{"accept-encoding", "gzip;q=0, identity"}}).body, "plain");
  EXPECT_EQ(header(get(kScript, {{"accept-encoding", "gzip"}}), "Content-Encoding"), "gzip");
  EXPECT_EQ(get(kIndex, {{"accept-encoding", "gzip"}}).body, "<html>");
}

TEST(PageTest, HashedFilesAreKeptForEverAndThePageIsNot) {
  EXPECT_EQ(header(get(kScript, {}), "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(header(get(kIndex, {}), "Cache-Control"), "no-cache");
}

TEST(PageTest, WhatTheCallerHasIsNotSentAgain) {
  const auto again = get(kIndex, {{"if-none-match", header(get(kIndex, {}), "ETag")}});
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.body, "");
  EXPECT_EQ(get(kScript, {{"if-none-match", "\"abc\""}, {"accept-encoding", "br"}}).status, 200)
      << "each form has a tag of its own";
}

TEST(PageTest, ThePolicyLetsNothingInlineRun) {
  const std::string policy = header(get(kIndex, {}), "Content-Security-Policy");
  EXPECT_NE(policy.find("default-src 'none'; script-src 'self';"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
}

TEST(PageTest, OnlyThePagesOwnAddressesShowIt) {
  const PageFile files[] = {kScript, kIndex};
  std::vector<std::string> patterns;
  for (const http::Route& route : page_routes(files)) {
    EXPECT_EQ(route.method, "GET");
    patterns.push_back(route.pattern);
  }
  EXPECT_EQ(patterns,
            (std::vector<std::string>{"/assets/a-12345678.js", "/", "/docs", "/ui", "/ui/",
                                      "/ui/{a}", "/ui/{a}/{b}", "/ui/{a}/{b}/{c}"}));
}

TEST(PageTest, TheProgramHasAPage) {
  const auto files = page_files();
  const auto index = std::ranges::find(files, "/index.html", &PageFile::path);
  ASSERT_NE(index, files.end());
  EXPECT_FALSE(index->plain.empty());
  EXPECT_NE(std::ranges::find(files, "/openapi.json", &PageFile::path), files.end());
}

}  // namespace
}  // namespace berth::api
