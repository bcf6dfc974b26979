#include "json/decode.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/limits.hpp"

namespace berth::json {
namespace {

std::string refusal(std::string_view body) {
  auto object = parse_object(body);
  if (object) return "accepted";
  EXPECT_EQ(object.error().code, ErrorCode::kInvalid);
  return object.error().message;
}

Fields fields(std::string_view body) {
  auto object = parse_object(body);
  EXPECT_TRUE(object) << body << ": " << object.error().message;
  return Fields(*object);
}

std::string problem(const Fields& f) { return f.finish() ? "" : f.finish().error().message; }

TEST(DecodeTest, AnObjectInAnObjectIsReadAsStrictly) {
  Fields f = fields(R"({"resize":{"cols":80,"more":1}})");
  auto inner = f.optional_object("resize");
  EXPECT_EQ(problem(f), "");
  ASSERT_TRUE(inner);
  EXPECT_EQ(inner->required_int("cols", 1, 100), 80);
  EXPECT_EQ(problem(*inner), "");
  EXPECT_EQ(inner->finish_strictly().error().message, "more: is not known here");
  Fields wrong = fields(R"({"resize":[]})");
  EXPECT_FALSE(wrong.optional_object("resize"));
  EXPECT_EQ(problem(wrong), "resize: must be an object");
  EXPECT_FALSE(fields("{}").optional_object("resize"));
}

TEST(DecodeTest, ReadsAnOrdinaryBody) {
  Fields f = fields(
      R"( {"iid":1,"name":"测试 \u4e2d","cpu":2,"mem":2048,"gid":[1,2],"public":true,"x":{"y":[]}} )");
  EXPECT_EQ(f.required_int("iid", 1, 9), 1);
  EXPECT_EQ(f.required_string("name"), "测试 中");
  EXPECT_EQ(f.required_int("mem", 64, 4096), 2048);
  EXPECT_EQ(f.optional_int_or_list("gid", 1, 9, 8), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(f.optional_bool("public"), true);
  EXPECT_EQ(f.optional_int("absent", 0, 1), std::nullopt);
  EXPECT_TRUE(f.finish());
}

TEST(DecodeTest, RefusesWhatIsNotOneObject) {
  for (const char* body : {"", " ", "[]", "null", "1", "\"a\"", "true"}) {
    EXPECT_TRUE(refusal(body).starts_with("the body must be a JSON object"))
        << body << ": " << refusal(body);
  }
  for (const char* body :
       {"{", "{}x", "{} {}", "{},", "{\"a\":1,}", "{'a':1}", "{a:1}", "{\"a\":NaN}", "{\"a\":01}",
        "{\"a\":+1}", "{\"a\":.5}", "{\"a\" 1}", "// c\n{}", "{/**/}", "\xEF\xBB\xBF{}",
        "{\"a\":\"\n\"}", "{\"a\":tru}", "{\"a\":\"\\x41\"}"}) {
    EXPECT_TRUE(refusal(body).starts_with("the body must be a JSON object"))
        << body << ": " << refusal(body);
  }
  EXPECT_EQ(refusal(std::string_view("{}\0", 3)),
            "the body must be a JSON object: it is not JSON at byte 2");
}

TEST(DecodeTest, RefusesAKeyTwiceAtAnyDepth) {
  EXPECT_EQ(refusal(R"({"cpu":1,"mem":2,"cpu":1})"), "cpu: is there twice");
  EXPECT_EQ(refusal(R"({"a":[{"b":1,"b":2}]})"), "b: is there twice");
  EXPECT_EQ(refusal(R"({"\u0063pu":1,"cpu":1})"), "cpu: is there twice");
  EXPECT_EQ(refusal(R"({"a":{"b":1},"c":{"b":1},"b":0})"), "accepted");
}

TEST(DecodeTest, RefusesBadUtf8LoneSurrogatesAndNul) {
  for (const char* text : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xE6\x97", "\\ud800", "\\udc00x",
                           "\\u0000", "a\\u0000b"}) {
    EXPECT_NE(refusal("{\"a\":\"" + std::string(text) + "\"}"), "accepted") << text;
    EXPECT_NE(refusal("{\"" + std::string(text) + "\":1}"), "accepted") << text;
  }
  EXPECT_EQ(refusal("{\"a\":\"\\ud83d\\udc0b\"}"), "accepted");
}

TEST(DecodeTest, RefusesDepthPastTheLimit) {
  auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_EQ(refusal(nested(limits::kJsonDepth)), "accepted");
  EXPECT_EQ(refusal(nested(limits::kJsonDepth + 1)), "the body is nested too deeply");
  EXPECT_EQ(refusal("{\"a\":" + std::string(60'000, '[')), "the body is nested too deeply");
}

TEST(DecodeTest, OnlyWholeNumbersInRangeAreIntegers) {
  for (const char* bad :
       {"1.0", "1e3", "1E0", "1e999", "-1e999", "12345678901234567890", "9223372036854775808",
        "-9223372036854775809", "99999999999999999999999999", "true", "false", "\"1\"", "[1]", "{}",
        "0", "-1", "4097"}) {
    Fields f = fields("{\"cpu\":" + std::string(bad) + "}");
    EXPECT_EQ(f.required_int("cpu", 1, 4096), 0);
    EXPECT_EQ(problem(f), "cpu: must be a whole number between 1 and 4096") << bad;
  }
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  Fields f = fields(R"({"a":9223372036854775807,"b":-9223372036854775808,"c":-0})");
  EXPECT_EQ(f.required_int("a", kMin, kMax), kMax);
  EXPECT_EQ(f.required_int("b", kMin, kMax), kMin);
  EXPECT_EQ(f.required_int("c", 0, 0), 0);
  EXPECT_TRUE(f.finish());
}

TEST(DecodeTest, KeepsTheFirstErrorAndGivesEmptyValuesAfterIt) {
  Fields f = fields(R"({"cpu":0,"name":5,"mem":64})");
  f.required_int("cpu", 1, 2);
  EXPECT_EQ(f.required_string("name"), "");
  EXPECT_EQ(f.required_int("mem", 1, 100), 0);
  EXPECT_EQ(problem(f), "cpu: must be a whole number between 1 and 2");
}

TEST(DecodeTest, NamesMissingFieldsAndTreatsNullAsAbsent) {
  Fields f = fields(R"({"name":null,"gid":null})");
  EXPECT_EQ(f.optional_int_or_list("gid", 1, 9, 8), std::nullopt);
  EXPECT_TRUE(f.finish());
  EXPECT_FALSE(f.has("name"));
  f.required_string("name");
  EXPECT_EQ(problem(f), "name: is missing");
}

TEST(DecodeTest, ChecksKindsOfStringsAndBools) {
  Fields a = fields(R"({"name":5})");
  a.required_string("name");
  EXPECT_EQ(problem(a), "name: must be a string");
  Fields b = fields(R"({"public":1})");
  b.optional_bool("public");
  EXPECT_EQ(problem(b), "public: must be true or false");
  Fields c = fields(R"({"name":"x"})");
  c.required_string("name", [](std::string_view) {
    return Result<>(fail(ErrorCode::kInvalid, "name: not this one"));
  });
  EXPECT_EQ(problem(c), "name: not this one");
}

TEST(DecodeTest, ReadsOneNumberOrAListOfDifferentOnes) {
  EXPECT_EQ(fields(R"({"gid":3})").optional_int_or_list("gid", 1, 9, 2),
            (std::vector<std::int64_t>{3}));
  EXPECT_EQ(fields(R"({"gid":[]})").optional_int_or_list("gid", 1, 9, 2),
            (std::vector<std::int64_t>{}));
  const std::pair<const char*, const char*> bad[] = {
      {R"({"gid":[1,1]})", "gid: must not have the same number twice"},
      {R"({"gid":[1,2,3]})", "gid: must be at most 2 numbers"},
      {R"({"gid":[1,0]})", "gid: each must be a whole number between 1 and 9"},
      {R"({"gid":["1"]})", "gid: each must be a whole number between 1 and 9"},
      {R"({"gid":[[1]]})", "gid: each must be a whole number between 1 and 9"},
      {R"({"gid":true})", "gid: must be a whole number between 1 and 9"}};
  for (const auto& [body, message] : bad) {
    Fields f = fields(body);
    EXPECT_EQ(f.optional_int_or_list("gid", 1, 9, 2), std::nullopt);
    EXPECT_EQ(problem(f), message);
  }
}

TEST(DecodeTest, SurvivesTruncationAndByteFlipsOfAGoodBody) {
  const std::string good =
      R"({"iid":1,"name":"\u4e2d文","cpu":2,"gid":[1,2],"x":{"y":[null,true,1.5e3]}})";
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_NE(refusal(good.substr(0, n)), "accepted");
  for (std::size_t n = 0; n < good.size(); ++n) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = good;
      flipped[n] = static_cast<char>(flipped[n] ^ (1 << bit));
      (void)parse_object(flipped);
    }
  }
}

}  // namespace
}  // namespace berth::json
