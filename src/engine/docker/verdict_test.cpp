#include "engine/docker/verdict.hpp"

#include <gtest/gtest.h>

namespace berth::docker {
namespace {

Error verdict(int status, std::string body, Subject subject = Subject::kContainer) {
  return refusal({.status = status, .body = std::move(body)}, "start the container", subject);
}

TEST(VerdictTest, OnlyTheEnginesOwnWordsSayThatAThingIsGone) {
  EXPECT_EQ(verdict(404, R"({"message":"No such container: x"})").code, ErrorCode::kNotFound);
  EXPECT_EQ(
      verdict(404, R"({"message":"no container with name or ID \"x\" found: no such container"})")
          .code,
      ErrorCode::kNotFound);
  EXPECT_EQ(verdict(404, R"({"message":"No such image: x:latest"})", Subject::kImage).code,
            ErrorCode::kNotFound);
  EXPECT_EQ(verdict(404, R"({"message":"network x not found"})").code, ErrorCode::kRefused);
  EXPECT_EQ(verdict(404, R"({"message":"Could not find the file /x in container y"})").code,
            ErrorCode::kRefused);
  EXPECT_EQ(verdict(404, R"({"message":"page not found"})").code, ErrorCode::kRefused);
  EXPECT_EQ(verdict(404, "<html>nginx</html>").code, ErrorCode::kRefused);
  EXPECT_EQ(verdict(404, R"({"message":"No such image: x"})").code, ErrorCode::kRefused);
  EXPECT_EQ(verdict(500, R"({"message":"No such container: x"})").code, ErrorCode::kRefused);
}

TEST(VerdictTest, RefusalsCarryTheEnginesMessage) {
  const auto error = verdict(500, R"({"message":"driver failed: port is already allocated"})");
  EXPECT_EQ(error.code, ErrorCode::kRefused);
  EXPECT_EQ(error.message, "the engine did not start the container");
  EXPECT_EQ(error.details, "driver failed: port is already allocated");
  EXPECT_EQ(verdict(409, R"({"message":"name in use"})").code, ErrorCode::kConflict);
  EXPECT_EQ(verdict(301, "").code, ErrorCode::kRefused);
  EXPECT_EQ(verdict(503, "").details, "HTTP status 503");
  EXPECT_EQ(verdict(200, "{}").code, ErrorCode::kUnknown);
}

}  // namespace
}  // namespace berth::docker
