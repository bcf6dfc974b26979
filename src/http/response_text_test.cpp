#include "http/response_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace berth::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr ResponseFrame kFrame{.request_id = "r1", .date = "Thu, 01 Jan 1970 00:00:00 GMT"};

TEST(ResponseTextTest, WritesOneAnswerWhole) {
  EXPECT_EQ(write_response({.body = "{}"}, kFrame),
            "HTTP/1.1 200 OK\r\nServer: berth\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\nX-Request-Id: r1\r\n"
            "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: "
            "keep-alive\r\n\r\n{}");
}

TEST(ResponseTextTest, KeepsSeveralSetCookieInOrder) {
  EXPECT_THAT(write_response({.headers = {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}}}, kFrame),
              HasSubstr("\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"));
}

TEST(ResponseTextTest, DropsHeadersThatCouldForgeFraming) {
  const std::string text = write_response({.headers = {{"X-A", "v\r\nX-Evil: 1"},
                                                       {"X-B\r\nX-Evil", "1"},
                                                       {"", "1"},
                                                       {"Location", std::string("/a\0b", 4)},
                                                       {"content-LENGTH", "999"},
                                                       {"Transfer-Encoding", "chunked"},
                                                       {"Connection", "upgrade"},
                                                       {"X-Good", "yes"}}},
                                          kFrame);
  for (const char* evil : {"Evil", "999", "chunked", "upgrade", "Location"})
    EXPECT_THAT(text, Not(HasSubstr(evil)));
  EXPECT_THAT(text, HasSubstr("X-Good: yes\r\n"));
  const std::string typed = write_response({.content_type = "text/html\r\nX-Evil: 1"}, kFrame);
  EXPECT_THAT(typed, Not(HasSubstr("Evil")));
}

TEST(ResponseTextTest, HeadAnnouncesTheBodyWithoutSendingIt) {
  const std::string text = write_response(
      {.body = "hello"}, {.request_id = "r", .date = "d", .keep_alive = false, .is_head = true});
  EXPECT_THAT(text, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(text, EndsWith("Connection: close\r\n\r\n"));
}

TEST(ResponseTextTest, NoContentHasNeitherBodyNorLength) {
  const std::string text = write_response({.status = 204, .body = "x"}, kFrame);
  EXPECT_THAT(text, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(text, EndsWith("\r\n\r\n"));
}

TEST(ResponseTextTest, LeavesCachingToTheHandlerWhoSaysSo) {
  EXPECT_THAT(write_response({.headers = {{"cache-control", "max-age=60"}}}, kFrame),
              Not(HasSubstr("no-store")));
  EXPECT_THAT(write_response({.content_type = "text/css"}, kFrame), Not(HasSubstr("no-store")));
}

}  // namespace
}  // namespace berth::http
