#include "api/v1/reasons.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace berth::api::v1 {
namespace {

std::string code_of(ErrorCode code, std::string message) {
  return std::string(reason_for({code, std::move(message), {}}).code);
}

TEST(ReasonsTest, TheContractsWordsHaveCodesOfTheirOwn) {
  EXPECT_EQ(code_of(ErrorCode::kExhausted, "gpu 3 not available"), "gpu_not_available");
  EXPECT_EQ(code_of(ErrorCode::kExhausted, "cpu or memory not enough"), "cpu_or_memory_not_enough");
  EXPECT_EQ(code_of(ErrorCode::kExhausted, "you have too many images"), "limit_reached");
  EXPECT_EQ(code_of(ErrorCode::kConflict, "container already running"), "already_running");
  EXPECT_EQ(code_of(ErrorCode::kUnauthenticated, "not logged in"), "not_logged_in");
  EXPECT_EQ(code_of(ErrorCode::kUnavailable, "device 1 cannot be reached"), "device_unreachable");
  EXPECT_EQ(code_of(ErrorCode::kUnavailable, "the database is busy, try again"), "unavailable");
}

TEST(ReasonsTest, EveryErrorHasOneWithBothLanguages) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    const Reason& why = reason_for({static_cast<ErrorCode>(code), "anything", {}});
    EXPECT_GE(why.status, 400);
    EXPECT_FALSE(why.english.empty() || why.chinese.empty()) << why.code;
  }
}

TEST(ReasonsTest, AnInvalidFieldIsNamed) {
  const json::Answer body = problem_body({ErrorCode::kInvalid, "memory_mb: is missing", {}});
  EXPECT_EQ(body.at("field"), "memory_mb");
  EXPECT_EQ(body.at("detail"), "is missing");
  EXPECT_FALSE(problem_body({ErrorCode::kInvalid, "the body is no JSON: x", {}}).contains("field"));
}

TEST(ReasonsTest, TheEnginesOwnWordsAreTheDetail) {
  const json::Answer body =
      problem_body({ErrorCode::kRefused, "docker run failed", "no space left"});
  EXPECT_EQ(body.at("code"), "engine_refused");
  EXPECT_EQ(body.at("detail"), "no space left");
}

TEST(ReasonsTest, RefusalsOfTheHttpLayerKeepTheirStatus) {
  for (int status : {400, 403, 404, 405, 408, 413, 414, 415, 421, 431, 500, 501, 505}) {
    EXPECT_EQ(refusal(status, "why").status, status);
  }
  EXPECT_TRUE(refusal(403, "x").body.contains("cross_site"));
  EXPECT_TRUE(refusal(405, "x").body.contains("method_not_allowed"));
}

TEST(ReasonsTest, AContainerExplainsItselfOnlyWhenThereIsSomethingToSay) {
  ContainerRow row;
  EXPECT_FALSE(reason_of(row));
  row.reason = "stopped on request";
  EXPECT_FALSE(reason_of(row));
  row.reason = "ended by itself, exit code 3";
  EXPECT_EQ(reason_of(row)->at("code"), "exited");
  row.reason = "port 6001 already in use";
  EXPECT_EQ(reason_of(row)->at("code"), "start_failed");
}

}  // namespace
}  // namespace berth::api::v1
