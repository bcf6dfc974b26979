#include "core/ledger.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace berth {
namespace {

constexpr ContainerId kAnn{1};
constexpr ContainerId kBob{2};

Claim make_claim(int cpu, std::int64_t memory, std::set<GpuId> gpus = {}) {
  return {cpu, memory, std::move(gpus)};
}

std::string refusal(const Result<>& result) { return result ? "" : result.error().message; }

TEST(LedgerTest, TakesWhatFitsToTheLastCore) {
  Ledger ledger(make_claim(8, 1000));
  EXPECT_TRUE(ledger.claim(kAnn, make_claim(7, 999)));
  EXPECT_TRUE(ledger.claim(kBob, make_claim(1, 1)));
  EXPECT_EQ(ledger.used(), make_claim(8, 1000));
}

TEST(LedgerTest, RefusesOneCoreOrOneMebibyteTooMuch) {
  Ledger ledger(make_claim(8, 1000));
  ASSERT_TRUE(ledger.claim(kAnn, make_claim(4, 500)));
  EXPECT_EQ(refusal(ledger.claim(kBob, make_claim(5, 1))), "cpu or memory not enough");
  EXPECT_EQ(refusal(ledger.claim(kBob, make_claim(1, 501))), "cpu or memory not enough");
  EXPECT_EQ(ledger.used(), make_claim(4, 500));
}

TEST(LedgerTest, RefusesGpuHeldByAnotherContainer) {
  Ledger ledger(make_claim(8, 1000, {{1}, {2}}));
  ASSERT_TRUE(ledger.claim(kAnn, make_claim(1, 64, {{2}})));
  const auto refused = ledger.claim(kBob, make_claim(1, 64, {{1}, {2}}));
  EXPECT_EQ(refusal(refused), "gpu 2 not available");
  EXPECT_EQ(refused.error().code, ErrorCode::kExhausted);
  EXPECT_EQ(ledger.used().gpus, std::set<GpuId>{{2}});
}

TEST(LedgerTest, RefusesGpuThatTheDeviceDoesNotHave) {
  Ledger ledger(make_claim(8, 1000, {{1}}));
  EXPECT_EQ(refusal(ledger.claim(kAnn, make_claim(1, 64, {{9}}))), "gpu 9 not available");
}

TEST(LedgerTest, ClaimingAgainReplacesOnesOwnClaim) {
  Ledger ledger(make_claim(8, 1000, {{1}, {2}}));
  ASSERT_TRUE(ledger.claim(kAnn, make_claim(8, 1000, {{1}})));
  EXPECT_TRUE(ledger.claim(kAnn, make_claim(8, 1000, {{1}})));
  EXPECT_TRUE(ledger.claim(kAnn, make_claim(2, 64, {{2}})));
  EXPECT_EQ(ledger.used(), make_claim(2, 64, {{2}}));
}

TEST(LedgerTest, ARefusedClaimKeepsTheOldOne) {
  Ledger ledger(make_claim(8, 1000));
  ASSERT_TRUE(ledger.claim(kAnn, make_claim(4, 500)));
  ASSERT_FALSE(ledger.claim(kAnn, make_claim(9, 500)));
  EXPECT_EQ(ledger.used(), make_claim(4, 500));
}

TEST(LedgerTest, ReleasingTwiceOrAnUnknownContainerIsHarmless) {
  Ledger ledger(make_claim(8, 1000));
  ASSERT_TRUE(ledger.claim(kAnn, make_claim(4, 500)));
  ledger.release(kBob);
  ledger.release(kAnn);
  ledger.release(kAnn);
  EXPECT_EQ(ledger.used(), Claim{});
}

TEST(LedgerTest, AnOvercommittedDeviceTakesNothingAndThrowsNobodyOut) {
  Ledger ledger(make_claim(4, 400, {{1}}));
  ledger.restore(kAnn, make_claim(6, 600, {{1}, {7}}));
  EXPECT_FALSE(ledger.claim(kBob, make_claim(1, 64)));
  EXPECT_EQ(ledger.used(), make_claim(6, 600, {{1}, {7}}));
  ledger.release(kAnn);
  EXPECT_TRUE(ledger.claim(kBob, make_claim(1, 64)));
}

TEST(LedgerTest, SumsThatWouldOverflowStopAtTheLargestNumber) {
  constexpr int kMostCpu = std::numeric_limits<int>::max();
  constexpr std::int64_t kMostMemory = std::numeric_limits<std::int64_t>::max();
  Ledger ledger(make_claim(kMostCpu, kMostMemory));
  EXPECT_TRUE(ledger.claim(kAnn, make_claim(kMostCpu, kMostMemory)));
  EXPECT_FALSE(ledger.claim(kBob, make_claim(1, 1)));
  ledger.restore(kBob, make_claim(kMostCpu, kMostMemory));
  EXPECT_EQ(ledger.used(), make_claim(kMostCpu, kMostMemory));
  EXPECT_FALSE(ledger.claim(ContainerId{3}, make_claim(kMostCpu, kMostMemory)));
}

// The second, simpler book: a list of who holds what, and one question.
struct Book {
  Claim capacity;
  std::vector<std::pair<ContainerId, Claim>> entries;

  void strike(ContainerId container) {
    std::erase_if(entries, [&](const auto& entry) { return entry.first == container; });
  }

  bool fits(ContainerId container, const Claim& wanted) const {
    std::int64_t cpu = wanted.cpu_cores;
    std::int64_t memory = wanted.memory_mb;
    for (GpuId gpu : wanted.gpus) {
      if (!capacity.gpus.contains(gpu)) return false;
    }
    for (const auto& [holder, claim] : entries) {
      if (holder == container) continue;
      cpu += claim.cpu_cores;
      memory += claim.memory_mb;
      for (GpuId gpu : wanted.gpus) {
        if (claim.gpus.contains(gpu)) return false;
      }
    }
    return cpu <= capacity.cpu_cores && memory <= capacity.memory_mb;
  }

  bool claim(ContainerId container, const Claim& wanted) {
    if (!fits(container, wanted)) return false;
    strike(container);
    entries.emplace_back(container, wanted);
    return true;
  }

  Claim used() const {
    Claim sum;
    for (const auto& [holder, claim] : entries) {
      sum.cpu_cores += claim.cpu_cores;
      sum.memory_mb += claim.memory_mb;
      sum.gpus.insert(claim.gpus.begin(), claim.gpus.end());
    }
    return sum;
  }
};

rc::Gen<std::set<GpuId>> some_gpus() {
  return rc::gen::map(rc::gen::inRange(0u, 32u), [](unsigned bits) {
    std::set<GpuId> gpus;
    for (std::int64_t i = 0; i < 5; ++i) {
      if ((bits >> i & 1u) != 0) gpus.insert(GpuId{i + 1});
    }
    return gpus;
  });
}

Claim some_claim() {
  return {*rc::gen::inRange(1, 9), *rc::gen::inRange<std::int64_t>(1, 1001), *some_gpus()};
}

enum class Op { kClaim, kRelease, kRestore };

// One random operation on both; their answers and sums must agree.
void step_both(Ledger& ledger, Book& book) {
  const ContainerId container{*rc::gen::inRange<std::int64_t>(1, 9)};
  switch (*rc::gen::weightedElement<Op>({{6, Op::kClaim}, {4, Op::kRelease}, {1, Op::kRestore}})) {
    case Op::kClaim: {
      const Claim wanted = some_claim();
      RC_ASSERT(ledger.claim(container, wanted).has_value() == book.claim(container, wanted));
      break;
    }
    case Op::kRelease:
      ledger.release(container);
      book.strike(container);
      break;
    case Op::kRestore: {
      const Claim held = some_claim();
      ledger.restore(container, held);
      book.strike(container);
      book.entries.emplace_back(container, held);
      break;
    }
  }
  RC_ASSERT(ledger.used() == book.used());
}

Claim some_capacity() {
  return {*rc::gen::inRange(0, 17), *rc::gen::inRange<std::int64_t>(0, 3001), *some_gpus()};
}

// 100 cases of 300 operations. rapidcheck prints its seed at the start and, on failure, the
// RC_PARAMS to repeat it with.
RC_GTEST_PROP(LedgerTest, AgreesWithASecondSimplerBookOn30000RandomOperations, ()) {
  const Claim capacity = some_capacity();
  Ledger ledger(capacity);
  Book book{capacity, {}};
  for (int i = 0; i < 300; ++i) step_both(ledger, book);
}

RC_GTEST_PROP(LedgerTest, NeverPromisesMoreThanThereIs, ()) {
  const Claim capacity = some_capacity();
  Ledger ledger(capacity);
  for (int i = 0; i < 50; ++i) {
    const ContainerId container{*rc::gen::inRange<std::int64_t>(1, 9)};
    if (*rc::gen::arbitrary<bool>()) ledger.release(container);
    (void)ledger.claim(container, some_claim());
    const Claim used = ledger.used();
    RC_ASSERT(used.cpu_cores <= capacity.cpu_cores);
    RC_ASSERT(used.memory_mb <= capacity.memory_mb);
    RC_ASSERT(std::ranges::includes(capacity.gpus, used.gpus));
  }
}

RC_GTEST_PROP(LedgerTest, ClaimThenReleaseChangesNothing, ()) {
  Ledger ledger(some_capacity());
  (void)ledger.claim(kAnn, some_claim());
  const Claim before = ledger.used();
  (void)ledger.claim(kBob, some_claim());
  ledger.release(kBob);
  RC_ASSERT(ledger.used() == before);
}

}  // namespace
}  // namespace berth
