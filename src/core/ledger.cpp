#include "core/ledger.hpp"

#include <cassert>
#include <limits>
#include <string>

namespace berth {
namespace {

// Restored claims are not checked against any capacity: their sum stops at the largest number
// instead of wrapping.
template <class Number>
Number add_up(Number a, Number b) {
  Number sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<Number>::max() : sum;
}

}  // namespace

Ledger::Ledger(Claim capacity) : capacity_(std::move(capacity)) {
  assert(capacity_.cpu_cores >= 0 && capacity_.memory_mb >= 0);
}

Result<> Ledger::claim(ContainerId container, const Claim& wanted) {
  assert(container);
  assert(wanted.cpu_cores > 0 && wanted.memory_mb > 0);
  const Claim used = used_without(container);
  for (GpuId gpu : wanted.gpus) {
    if (!capacity_.gpus.contains(gpu) || used.gpus.contains(gpu)) {
      return fail(ErrorCode::kExhausted, "gpu " + std::to_string(gpu.value) + " not available");
    }
  }
  assert(used.cpu_cores >= 0 && used.memory_mb >= 0);
  // Compared by what is left, so that no sum can overflow.
  if (wanted.cpu_cores > capacity_.cpu_cores - used.cpu_cores ||
      wanted.memory_mb > capacity_.memory_mb - used.memory_mb) {
    return fail(ErrorCode::kExhausted, "cpu or memory not enough");
  }
  held_[container] = wanted;
  return ok();
}

void Ledger::restore(ContainerId container, const Claim& held) {
  assert(container);
  assert(held.cpu_cores >= 0 && held.memory_mb >= 0);
  held_[container] = held;
}

void Ledger::release(ContainerId container) { held_.erase(container); }

Claim Ledger::used() const { return used_without({}); }

Claim Ledger::used_without(ContainerId except) const {
  Claim sum;
  for (const auto& [container, claim] : held_) {
    if (container == except) continue;
    sum.cpu_cores = add_up(sum.cpu_cores, claim.cpu_cores);
    sum.memory_mb = add_up(sum.memory_mb, claim.memory_mb);
    sum.gpus.insert(claim.gpus.begin(), claim.gpus.end());
  }
  return sum;
}

}  // namespace berth
