#include "core/ports.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <random>

namespace berth::ports {
namespace {

RC_GTEST_PROP(PortsTest, GivesDifferentFreePortsOfTheRangeOrSaysThereAreNone,
              (std::uint64_t seed)) {
  const int first = *rc::gen::inRange(1, 65'000);
  const int last = first + *rc::gen::inRange(-1, 40);
  const auto taken = *rc::gen::container<std::set<int>>(rc::gen::inRange(first - 3, last + 4));
  const auto count = *rc::gen::inRange<std::size_t>(0, 6);
  std::mt19937_64 random(seed);
  std::size_t free = 0;
  for (int port = first; port <= last; ++port) free += !taken.contains(port);

  const auto picked = pick(first, last, taken, count, random);
  if (free < count) {
    RC_ASSERT(!picked && picked.error().code == ErrorCode::kExhausted);
    return;
  }
  RC_ASSERT(picked && picked->size() == count);
  RC_ASSERT(std::set<int>(picked->begin(), picked->end()).size() == count);
  for (int port : *picked) RC_ASSERT(port >= first && port <= last && !taken.contains(port));
}

TEST(PortsTest, FindsTheLastFreePort) {
  EXPECT_EQ(*pick(6000, 6002, {6000, 6002}, 1, std::mt19937_64(1)), (std::vector<int>{6001}));
  const auto none = pick(6000, 6002, {6000, 6001, 6002}, 1, std::mt19937_64(1));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "no free ports left between 6000 and 6002");
}

TEST(PortsTest, EveryPortIsAsLikelyInEveryPlace) {
  std::mt19937_64 random(7);
  std::map<int, int> first, second;
  for (int i = 0; i < 10'000; ++i) {
    const auto picked = pick(1, 10, {}, 2, std::ref(random));
    ++first[(*picked)[0]];
    ++second[(*picked)[1]];
  }
  for (int port = 1; port <= 10; ++port) {
    EXPECT_NEAR(first[port], 1000, 150);
    EXPECT_NEAR(second[port], 1000, 150);
  }
}

TEST(PortsTest, DrawsAgainWhatWouldFavourSmallNumbers) {
  int draws = 0;
  auto random = [&draws]() -> std::uint64_t { return draws++ == 0 ? ~0ull : 4; };
  EXPECT_EQ(*pick(1, 3, {}, 1, random), (std::vector<int>{2}));
  EXPECT_EQ(draws, 2);
}

}  // namespace
}  // namespace berth::ports
