#include "api/denials.hpp"

#include <gtest/gtest.h>

namespace berth::api {
namespace {

std::string change_of(std::string method, std::string path) {
  http::Request request;
  request.method = std::move(method);
  request.path = std::move(path);
  return api::change_of(request);
}

TEST(DenialsTest, NamesWhatWouldHaveChanged) {
  EXPECT_EQ(change_of("DELETE", "/containers/7"), "DELETE /containers/7");
  EXPECT_EQ(change_of("GET", "/containers/7"), "");
  EXPECT_EQ(change_of("HEAD", "/containers/7"), "");
  http::Request terminal{.method = "GET", .path = "/terminal"};
  terminal.headers = {{"upgrade", "websocket"}};
  EXPECT_EQ(api::change_of(terminal), "GET /terminal");
}

TEST(DenialsTest, KeepsOnlyPlainCharactersAndNotTooMany) {
  EXPECT_EQ(change_of("PUT", "/containers/\x1b[2J\r\n\"<名"), "PUT /containers/??2J???????");
  EXPECT_EQ(change_of("PUT", std::string(5000, 'x')).size(), 128u + 4);
}

}  // namespace
}  // namespace berth::api
