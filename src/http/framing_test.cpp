#include "http/framing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace berth::http {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kGood =
    "POST /a?b HTTP/1.1\r\nHost: h\r\nCONTENT-Length: 12\r\nX-A: \t v w \r\nExpect: "
    "100-Continue\r\n\r\nbody";

int status_of(std::string_view bytes, FramingLimits limits = {}) {
  const HeadResult result = scan_head(bytes, limits);
  if (std::holds_alternative<std::monostate>(result)) return 0;
  const auto* refusal = std::get_if<Refusal>(&result);
  return refusal == nullptr ? 200 : refusal->status;
}

TEST(FramingTest, ReadsAHeadWhole) {
  const HeadResult result = scan_head(kGood);
  const auto& head = std::get<RequestHead>(result);
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/a?b");
  ASSERT_EQ(head.headers.size(), 4u);
  EXPECT_EQ(head.headers[1], (std::pair<std::string, std::string>("content-length", "12")));
  EXPECT_EQ(head.headers[2].second, "v w");
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_EQ(head.bytes, kGood.size() - 4);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.expects_continue);
}

TEST(FramingTest, WaitsForMoreUntilTheEmptyLine) {
  const std::size_t end = kGood.size() - 4;
  for (std::size_t size = 0; size < end; ++size)
    EXPECT_EQ(status_of(kGood.substr(0, size)), 0) << size;
  EXPECT_EQ(status_of(kGood.substr(0, end)), 200);
}

TEST(FramingTest, KeepAliveFollowsVersionAndConnection) {
  const auto keeps = [](std::string version, std::string lines) {
    const HeadResult result =
        scan_head("GET / HTTP/" + version + "\r\nHost: h\r\n" + lines + "\r\n");
    return std::get<RequestHead>(result).keep_alive;
  };
  EXPECT_TRUE(keeps("1.1", ""));
  EXPECT_FALSE(keeps("1.0", ""));
  EXPECT_TRUE(keeps("1.0", "Connection: Keep-Alive\r\n"));
  EXPECT_FALSE(keeps("1.1", "Connection: x, close\r\n"));
  EXPECT_FALSE(keeps("1.0", "Connection: close\r\nConnection: keep-alive\r\n"));
}

TEST(FramingTest, HoldsTheExactLimits) {
  const FramingLimits limits{
      .header_bytes = 100, .header_fields = 2, .target_bytes = 10, .body_bytes = 5};
  const auto fill = [](std::size_t total) {
    const std::string front = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
    return front + std::string(total - front.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(status_of(fill(100), limits), 200);
  EXPECT_EQ(status_of(fill(101), limits), 431);
  EXPECT_EQ(status_of("GET /123456789 HTTP/1.1\r\nHost: h\r\n\r\n", limits), 200);
  EXPECT_EQ(status_of("GET /1234567890 HTTP/1.1\r\n", limits), 414);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 2\r\n", limits), 431);
  EXPECT_EQ(status_of("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n", limits), 200);
  EXPECT_EQ(status_of("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n", limits), 413);
}

// Feeds `bytes` in random pieces; the result must be that of all at once.
HeadResult scan_in_pieces(std::string_view bytes, std::mt19937& random, FramingLimits limits) {
  HeadScanner scanner(limits);
  std::size_t fed = 0;
  while (true) {
    if (scanner.scan(bytes.substr(0, fed))) return scanner.take_result();
    if (fed == bytes.size()) return {};
    fed += std::uniform_int_distribution<std::size_t>(
        1, std::min<std::size_t>(7, bytes.size() - fed))(random);
  }
}

std::string mutate(std::string text, std::mt19937& random) {
  constexpr std::string_view kSpice = "\r\n \t:\0\x7f\x80,/;=%AZaz09"sv;
  const auto below = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  for (std::size_t count = below(4); count > 0 && !text.empty(); --count) {
    const std::size_t at = below(text.size());
    switch (below(4)) {
      case 0:
        text[at] = kSpice[below(kSpice.size())];
        break;
      case 1:
        text.insert(at, 1, kSpice[below(kSpice.size())]);
        break;
      case 2:
        text.erase(at, 1 + below(3));
        break;
      default:
        text.insert(at, text.substr(below(text.size()), below(20)));
    }
  }
  return text;
}

// What is accepted is written out again in one way only, and must read the same.
std::string write_again(const RequestHead& head) {
  std::string text = head.method + " " + head.target + " HTTP/1.1\r\n";
  for (const auto& [name, value] : head.headers) text += name + ": " + value + "\r\n";
  return text + "\r\n";
}

TEST(FramingPropertyTest, SplittingChangesNothingAndWhatIsAcceptedReadsTheSameAgain) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const FramingLimits tight{
      .header_bytes = 130, .header_fields = 5, .target_bytes = 12, .body_bytes = 20};
  int accepted = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::string bytes = mutate(std::string(kGood), random);
    const FramingLimits limits = i % 2 == 0 ? FramingLimits{} : tight;
    const HeadResult whole = scan_head(bytes, limits);
    ASSERT_EQ(whole, scan_in_pieces(bytes, random, limits)) << bytes;
    const auto* head = std::get_if<RequestHead>(&whole);
    if (head == nullptr || bytes.contains("HTTP/1.0")) continue;
    ++accepted;
    const HeadResult again = scan_head(write_again(*head));
    ASSERT_EQ(std::get<RequestHead>(again).headers, head->headers) << bytes;
    ASSERT_EQ(std::get<RequestHead>(again).content_length, head->content_length) << bytes;
  }
  EXPECT_GT(accepted, 5'000);
}

}  // namespace
}  // namespace berth::http
