#include "api/v1/reasons.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <set>

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
  EXPECT_EQ(code_of(ErrorCode::kUnavailable, "the device is not in the settings any more"),
            "device_retired");
  EXPECT_EQ(code_of(ErrorCode::kUnavailable, "the database is busy, try again"), "unavailable");
  EXPECT_EQ(code_of(ErrorCode::kUnavailable, "too much is waiting already"), "unavailable");
  EXPECT_EQ(code_of(ErrorCode::kUnavailable, "the device takes nothing new at present"),
            "device_draining");
}

TEST(ReasonsTest, EveryErrorHasOneWithBothLanguages) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    const Reason& why = reason_for({static_cast<ErrorCode>(code), "anything", {}});
    EXPECT_GE(why.status, 400);
    EXPECT_FALSE(why.english.empty() || why.chinese.empty()) << why.code;
  }
}

bool is_known(std::string_view code) {
  return std::ranges::find(reasons(), code, &Reason::code) != reasons().end();
}

std::string read_document() {
  std::ifstream file(BERTH_SOURCE_DIR "/docs/openapi.json");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ReasonsTest, TheDocumentNamesEveryCode) {
  const std::string document = read_document();
  ASSERT_FALSE(document.empty());
  for (const Reason& why : reasons())
    EXPECT_NE(document.find("`" + std::string(why.code) + "`"), document.npos) << why.code;
}

TEST(ReasonsTest, EveryRefusalThatTheDocumentPromisesIsInTheTable) {
  const boost::json::value document = boost::json::parse(read_document());
  for (const auto& path : document.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      const auto* promised = operation.value().as_object().if_contains("x-problems");
      if (promised == nullptr) continue;
      for (const boost::json::value& code : promised->as_array())
        EXPECT_TRUE(is_known(code.as_string())) << path.key() << " " << code;
    }
  }
}

bool has_chinese(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0xE4; });
}

TEST(ReasonsTest, EveryReasonIsOneSentenceInEachLanguage) {
  std::set<std::string_view> codes;
  for (const Reason& why : reasons()) {
    EXPECT_TRUE(codes.insert(why.code).second) << why.code << " is there twice";
    EXPECT_TRUE(why.english.ends_with(".") && !has_chinese(why.english)) << why.code;
    EXPECT_TRUE(why.chinese.ends_with("。") && has_chinese(why.chinese)) << why.code;
    EXPECT_GE(why.status, 400) << why.code;
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

TEST(ReasonsTest, AnImageThatTheEngineHasLostIsToldApart) {
  const json::Answer body =
      problem_body({ErrorCode::kRefused, "docker run failed", "No such image: lab/pytorch:1"});
  EXPECT_EQ(body.at("code"), "image_missing");
  EXPECT_EQ(body.at("detail"), "No such image: lab/pytorch:1");
}

TEST(ReasonsTest, RefusalsOfTheHttpLayerKeepTheirStatus) {
  for (int status : {400, 403, 404, 405, 408, 413, 414, 415, 421, 431, 500, 501, 505}) {
    EXPECT_EQ(refusal(status, "why").status, status);
  }
  EXPECT_TRUE(refusal(403, "x").body.contains("cross_site"));
  EXPECT_TRUE(refusal(405, "x").body.contains("method_not_allowed"));
}

TEST(ReasonsTest, AContainerExplainsItselfOnlyWhenThereIsSomethingToSay) {
  for (const char* nothing : {"", "ok", "stopped on request"}) EXPECT_FALSE(reason_of(nothing));
  const std::pair<const char*, const char*> known[] = {
      {"out of memory", "out_of_memory"},
      {"ended by itself, exit code 3", "exited"},
      {"removed outside Berth; the files in /workspace are kept", "removed_outside"},
      {"paused outside Berth", "paused_outside"},
      {"port 6001 already in use", "start_failed"}};
  for (const auto& [why, code] : known) {
    const auto said = reason_of(why);
    ASSERT_TRUE(said) << why;
    EXPECT_EQ(said->at("code"), code);
    EXPECT_FALSE(said->at("text").as_string().empty() || said->at("text_zh").as_string().empty());
  }
}

}  // namespace
}  // namespace berth::api::v1
