// Raw bytes against the real server: which answers come, in which order, and whether the connection
// lives on.
#include <gtest/gtest.h>

#include <memory>

#include "wire_cases.hpp"
#include "wire_fixture.hpp"

namespace berth::http::wire {
namespace {

constexpr std::string_view kLast =
    "GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

Task<Response> echo(Request request) {
  Response response;
  response.content_type = "text/plain";
  response.body = request.method + " " + request.path + "?" + request.query + "\n";
  for (const auto& [name, value] : request.headers) response.body += name + "=" + value + "\n";
  response.body += request.body;
  co_return response;
}

// One server for the whole table: a case that hurt it would hurt those that follow.
class WireTest : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<RunningServer>([](Request request) {
      ++handled_;
      return echo(std::move(request));
    });
  }
  static void TearDownTestSuite() { server_.reset(); }

  static std::unique_ptr<RunningServer> server_;
  static std::atomic<int> handled_;
};

std::unique_ptr<RunningServer> WireTest::server_;
std::atomic<int> WireTest::handled_ = 0;

int count_handled(const std::vector<int>& expected) {
  return static_cast<int>(std::ranges::count(expected, 200));
}

TEST_P(WireTest, AnswersAndClosesAsExpected) {
  const Case& c = GetParam();
  const int before = handled_;
  RawClient client(server_->port());
  client.send(c.bytes);
  std::vector<int> expected = c.statuses;
  if (c.end == End::kOpen) {
    expected.push_back(200);
    client.send(kLast);
  }
  const std::string text = client.read_to_end();
  EXPECT_EQ(statuses(text), expected) << text.substr(0, 2000);
  EXPECT_FALSE(client.was_reset()) << "the answer may have been lost";
  EXPECT_EQ(handled_ - before, count_handled(expected));
  for (std::string_view part : c.contains)
    EXPECT_TRUE(text.contains(part)) << part << " not in " << text;
  for (std::string_view part : c.lacks) EXPECT_FALSE(text.contains(part)) << part << " in " << text;
}

INSTANTIATE_TEST_SUITE_P(Table, WireTest, testing::ValuesIn(all_cases()),
                         [](const auto& parameter) { return parameter.param.name; });

class WireSplitTest : public WireTest {};

// The cases with few bytes, cut in two at each place.
TEST_P(WireSplitTest, SplittingChangesNothing) {
  const Case& c = GetParam();
  for (std::size_t cut = 1; cut < c.bytes.size(); ++cut) {
    RawClient client(server_->port());
    client.send(c.bytes.substr(0, cut));
    client.send(c.bytes.substr(cut));
    if (c.end == End::kOpen) client.end_sending();
    EXPECT_EQ(statuses(client.read_to_end()), c.statuses) << "cut at " << cut;
  }
}

INSTANTIATE_TEST_SUITE_P(Table, WireSplitTest, testing::ValuesIn(split_cases()),
                         [](const auto& parameter) { return parameter.param.name; });

}  // namespace
}  // namespace berth::http::wire
