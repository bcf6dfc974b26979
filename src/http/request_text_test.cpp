#include "http/request_text.hpp"

#include <gtest/gtest.h>

namespace berth::http {
namespace {

TEST(RequestTextTest, WritesHeadAndBody) {
  ClientRequest request{
      .method = "POST", .target = "/x?y=1", .content_type = "application/json", .body = "{}"};
  request.headers = {{"X-One", "1"}};
  EXPECT_EQ(to_text(request, "localhost"),
            "POST /x?y=1 HTTP/1.1\r\nHost: localhost\r\nUser-Agent: berth/" BERTH_VERSION
            "\r\nX-One: 1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(to_text({}, "h"),
            "GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: berth/" BERTH_VERSION "\r\n\r\n");
  EXPECT_NE(to_text({.method = "POST"}, "h").find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(RequestTextTest, RefusesWhatWouldBecomeAnotherRequest) {
  EXPECT_TRUE(is_sound({}));
  EXPECT_FALSE(is_sound({.method = "GET / HTTP/1.1\r\n"}));
  EXPECT_FALSE(is_sound({.method = ""}));
  EXPECT_FALSE(is_sound({.target = "x"}));
  EXPECT_FALSE(is_sound({.target = "/ HTTP/1.1\r\nX: y"}));
  EXPECT_FALSE(is_sound({.target = "/a b"}));
  EXPECT_FALSE(is_sound({.content_type = "a\r\nb: c"}));
  EXPECT_FALSE(is_sound({.headers = {{"a", "b\nc"}}}));
  EXPECT_FALSE(is_sound({.headers = {{"a:", "b"}}}));
}

}  // namespace
}  // namespace berth::http
