#include "json/encode.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/ids.hpp"

namespace berth::json {
namespace {

TEST(EncodeTest, KeepsTheOrderOfTheContract) {
  EXPECT_EQ(
      encode({{"status", 0}, {"result", "running"}, {"cid", 7}, {"a", nullptr}, {"ok", true}}),
      R"({"status":0,"result":"running","cid":7,"a":null,"ok":true})");
}

TEST(EncodeTest, KeepsTheOrderOfManyMembers) {
  Answer answer;
  std::string expected = "{";
  for (int i = 100; i > 0; --i) {
    answer["k" + std::to_string(i)] = i;
    expected += (i == 100 ? "\"k" : ",\"k") + std::to_string(i) + "\":" + std::to_string(i);
  }
  EXPECT_EQ(encode(answer), expected + "}");
}

TEST(EncodeTest, LeavesTextInUtf8AndEscapesControls) {
  EXPECT_EQ(encode({{"gpu_type", "无GPU"}, {"name", "a\"\\\n\x01/"}}),
            "{\"gpu_type\":\"无GPU\",\"name\":\"a\\\"\\\\\\n\\u0001/\"}");
}

TEST(EncodeTest, IsValidUtf8WhateverTheEngineSaid) {
  EXPECT_EQ(encode({{"details", "bad \xFF byte"}}), "{\"details\":\"bad \uFFFD byte\"}");
}

TEST(EncodeTest, ListsIdsAndPairs) {
  const std::vector<ContainerId> ids{{1}, {9'000'000'000'000'000'000}};
  EXPECT_EQ(encode({{"cid", numbers(ids)}}), R"({"cid":[1,9000000000000000000]})");
  EXPECT_EQ(encode_list(numbers(std::vector<DeviceId>{})), "[]");
  EXPECT_EQ(encode({{"gpu_used", AnswerList{AnswerList{1}, AnswerList{2}}}}),
            R"({"gpu_used":[[1],[2]]})");
}

}  // namespace
}  // namespace berth::json
