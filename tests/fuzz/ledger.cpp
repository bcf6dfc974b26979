// Any order of claims, restores and releases against a second, simpler book.
#include "core/ledger.hpp"

#include <fuzzer/FuzzedDataProvider.h>

#include <map>

#include "fuzz.hpp"

namespace berth::fuzz {
namespace {

using Book = std::map<ContainerId, Claim>;

Claim draw_claim(FuzzedDataProvider& input, int least) {
  Claim claim{input.ConsumeBool() ? input.ConsumeIntegralInRange<int>(least, 6)
                                  : input.ConsumeIntegralInRange<int>(least, INT32_MAX),
              input.ConsumeBool() ? input.ConsumeIntegralInRange<std::int64_t>(least, 64)
                                  : input.ConsumeIntegralInRange<std::int64_t>(least, INT64_MAX),
              {}};
  const auto gpus = input.ConsumeIntegral<std::uint8_t>();
  for (int i = 0; i < 4; ++i) {
    if ((gpus >> i & 1) != 0) claim.gpus.insert(GpuId{i + 1});
  }
  return claim;
}

// Sums in 128 bits: nothing wraps here.
bool fits(const Book& book, const Claim& capacity, ContainerId who, const Claim& wanted) {
  __int128 cpu = wanted.cpu_cores;
  __int128 memory = wanted.memory_mb;
  std::set<GpuId> taken;
  for (const auto& [id, claim] : book) {
    if (id == who) continue;
    cpu += claim.cpu_cores;
    memory += claim.memory_mb;
    taken.insert(claim.gpus.begin(), claim.gpus.end());
  }
  for (GpuId gpu : wanted.gpus) {
    if (!capacity.gpus.contains(gpu) || taken.contains(gpu)) return false;
  }
  return cpu <= capacity.cpu_cores && memory <= capacity.memory_mb;
}

void check_used(const Book& book, const Ledger& ledger) {
  __int128 cpu = 0;
  __int128 memory = 0;
  std::set<GpuId> gpus;
  for (const auto& [id, claim] : book) {
    cpu += claim.cpu_cores;
    memory += claim.memory_mb;
    gpus.insert(claim.gpus.begin(), claim.gpus.end());
  }
  const Claim used = ledger.used();
  require(used.cpu_cores == std::min<__int128>(cpu, INT32_MAX), "cores");
  require(used.memory_mb == std::min<__int128>(memory, INT64_MAX), "memory");
  require(used.gpus == gpus, "GPUs");
}

void check(FuzzedDataProvider input) {
  const Claim capacity = draw_claim(input, 0);
  Ledger ledger(capacity);
  Book book;
  bool is_over_committed = false;
  while (input.remaining_bytes() > 0) {
    const ContainerId who{input.ConsumeIntegralInRange<std::int64_t>(1, 5)};
    const int what = input.ConsumeIntegralInRange(0, 3);
    if (what <= 1) {
      const Claim wanted = draw_claim(input, 1);
      const auto claimed = ledger.claim(who, wanted);
      require(claimed.has_value() == fits(book, capacity, who, wanted), "fits or not");
      require(claimed || claimed.error().code == ErrorCode::kExhausted, "why");
      if (claimed) book[who] = wanted;
      require(!claimed || ledger.claim(who, wanted), "and again");
    } else if (what == 2) {
      book[who] = draw_claim(input, 0);
      ledger.restore(who, book[who]);
      is_over_committed = true;
    } else {
      book.erase(who);
      ledger.release(who);
    }
    check_used(book, ledger);
    const Claim used = ledger.used();
    require(is_over_committed ||
                (used.cpu_cores <= capacity.cpu_cores && used.memory_mb <= capacity.memory_mb),
            "no more than there is");
  }
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(FuzzedDataProvider(data, size));
  return 0;
}
