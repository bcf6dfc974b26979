#include "core/ledger.hpp"

#include <cassert>
#include <string>

namespace berth {

Ledger::Ledger(Claim capacity) : capacity_(std::move(capacity)) {
  assert(capacity_.cpu_cores >= 0 && capacity_.memory_mb >= 0);
}

Result<> Ledger::claim(ContainerId container, const Claim& wanted) {
  assert(container);
  assert(wanted.cpu_cores > 0 && wanted.memory_mb > 0);
  Ledger others = *this;
  others.release(container);
  const Claim used = others.used();
  for (GpuId gpu : wanted.gpus) {
    if (!capacity_.gpus.contains(gpu) || used.gpus.contains(gpu)) {
      return fail(ErrorCode::kExhausted, "gpu " + std::to_string(gpu.value) + " not available");
    }
  }
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
  held_[container] = held;
}

void Ledger::release(ContainerId container) { held_.erase(container); }

Claim Ledger::used() const {
  Claim sum;
  for (const auto& [container, claim] : held_) {
    sum.cpu_cores += claim.cpu_cores;
    sum.memory_mb += claim.memory_mb;
    sum.gpus.insert(claim.gpus.begin(), claim.gpus.end());
  }
  assert(sum.cpu_cores >= 0 && sum.memory_mb >= 0);
  return sum;
}

}  // namespace berth
