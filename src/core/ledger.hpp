#pragma once

#include <cstdint>
#include <map>
#include <set>

#include "base/ids.hpp"
#include "base/result.hpp"

namespace berth {

// What a container takes from its device while it holds resources.
struct Claim {
  int cpu_cores = 0;
  std::int64_t memory_mb = 0;
  std::set<GpuId> gpus;

  bool operator==(const Claim&) const = default;
};

// What one device has promised. A plain value: no I/O, no clock, no lock. The store rebuilds it
// from rows inside the transaction that saves the claim, so two requests, or two replicas, cannot
// promise one GPU twice.
class Ledger {
 public:
  explicit Ledger(Claim capacity);

  // kExhausted with the contract's words: "cpu or memory not enough", "gpu {gid} not available". A
  // container that holds a claim already gets the new one in its place, so a retried request is
  // harmless.
  Result<> claim(ContainerId container, const Claim& wanted);

  // Takes a claim that a row already holds, fits or not: after a device shrank it may be
  // over-committed, and nobody is thrown out for it.
  void restore(ContainerId container, const Claim& held);

  // Unknown ids are ignored: after a crash, delete runs again from the top.
  void release(ContainerId container);

  const Claim& capacity() const { return capacity_; }
  Claim used() const;

 private:
  Claim used_without(ContainerId except) const;

  Claim capacity_;
  std::map<ContainerId, Claim> held_;
};

}  // namespace berth
