// The table of wire_cases.hpp and more, in raw bytes, on the two ports of the real program.
#include <gtest/gtest.h>

#include <functional>
#include <optional>

#include "../wire_fixture.hpp"
#include "berth_process.hpp"
#include "face_cases.hpp"

namespace berth::http::wire {
namespace {

constexpr std::string_view kLast = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

struct Part {
  std::string face;
  std::string name;
  std::vector<Case> (*cases)();
};

std::vector<int> expected_on(const std::string& face, const Case& c) {
  std::vector<int> expected = c.statuses;
  if (!c.on_platform.empty()) expected = c.on_platform;
  if (face == "matlab" && !c.on_matlab.empty()) expected = c.on_matlab;
  return expected;
}

// A server for each part, and all its cases on that one: what hurt it would hurt those that follow.
class FacesWireTest : public testing::TestWithParam<Part> {
 protected:
  void check(const Case& c) {
    RawClient client(berth_.port(GetParam().face));
    client.send(c.bytes);
    std::vector<int> expected = expected_on(GetParam().face, c);
    if (c.end == End::kOpen) {
      expected.push_back(200);
      client.send(kLast);
    }
    const std::string text = client.read_to_end();
    EXPECT_EQ(statuses(text), expected) << text.substr(0, 2000);
    EXPECT_FALSE(client.was_reset()) << "the answer may have been lost";
    for (const Answer& answer : parse_answers(text)) {
      for (const char* line : {"\r\nServer: berth\r\n",
                               "\r\nX-Request-Id: ", "\r\nX-Content-Type-Options: nosniff\r\n"}) {
        EXPECT_TRUE(answer.head.contains(line)) << line << " not in " << answer.head;
      }
      const bool is_refusal = answer.status >= 400;
      EXPECT_TRUE(!is_refusal || answer.body.starts_with('{')) << answer.body;
    }
    if (!has_own_texts()) return;
    for (std::string_view part : c.contains)
      EXPECT_TRUE(text.contains(part)) << part << " not in " << text;
    for (std::string_view part : c.lacks)
      EXPECT_FALSE(text.contains(part)) << part << " in " << text;
  }

  BerthProcess berth_;

 private:
  // Those of the common table are the echo's.
  static bool has_own_texts() {
    return GetParam().cases == platform_cases || GetParam().cases == matlab_cases;
  }
};

TEST_P(FacesWireTest, AnswersAndClosesAsExpected) {
  const auto cases = GetParam().cases();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    check(c);
  }
  EXPECT_TRUE(berth_.is_running());
  expect_service(berth_.port("platform"));
  RecordProperty("cases", static_cast<int>(cases.size()));
}

std::vector<Part> parts() {
  std::vector<Part> all{{"platform", "Own", platform_cases}, {"matlab", "Own", matlab_cases}};
  for (const char* face : {"platform", "matlab"}) {
    all.push_back({face, "Good", good_cases});
    all.push_back({face, "RequestLine", request_line_cases});
    all.push_back({face, "Header", header_cases});
    all.push_back({face, "Smuggling", smuggling_cases});
    all.push_back({face, "Traversal", traversal_cases});
    all.push_back({face, "Lookalike", lookalike_cases});
    all.push_back({face, "Host", host_cases});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Ports, FacesWireTest, testing::ValuesIn(parts()),
                         [](const auto& parameter) {
                           return parameter.param.face + parameter.param.name;
                         });

// The promise is of at least so many; a table that shrinks says so.
TEST(FacesWireTableTest, HasAtLeast250CasesForEachPort) {
  const std::size_t common = all_cases().size() + host_cases().size();
  EXPECT_GE(common + platform_cases().size(), 250u);
  EXPECT_GE(common + matlab_cases().size(), 250u);
}

}  // namespace
}  // namespace berth::http::wire
