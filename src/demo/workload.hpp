#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "engine/memory/inside.hpp"

namespace berth::demo {

// What people run. A label of the image says which, and goes on into what is saved from it.
enum class Kind { kNotebook, kTraining, kMatlab };
inline constexpr char kKindLabel[] = "demo.kind";  // notebook, training, matlab
inline constexpr char kNeedsDriverLabel[] = "demo.needs-driver";

// How one container loads its machine, as a plain function of how long it has run. The same
// container always does the same.
//
// Training loads its data, then goes on in epochs: batches keep the GPU busy, a validation lets it
// breathe, a checkpoint lets it wait. Whoever sits at a notebook works for a while, in cells that
// take a moment each, and then is away for as long.
class Workload {
 public:
  explicit Workload(const memory::Container& container);

  Kind kind() const { return kind_; }
  std::uint64_t dice() const { return dice_; }  // a number of its own
  std::chrono::milliseconds epoch() const;      // of training
  std::int64_t cpu_ns(std::chrono::milliseconds uptime) const;
  std::int64_t memory_bytes(std::chrono::milliseconds uptime) const;
  // Of the `card`th that it holds: 0 to 100, and the part of the card's memory.
  double gpu_busy_percent(std::size_t card, std::chrono::milliseconds uptime) const;
  double gpu_memory_share(std::size_t card, std::chrono::milliseconds uptime) const;
  // When the kernel ends it, because it wants more memory than it was given.
  std::optional<std::chrono::milliseconds> runs_out_of_memory_after() const;

 private:
  double fraction(int which) const;                       // 0 to 1, of its dice
  double noise(std::int64_t place, int which = 0) const;  // 0 to 1, of a place in time
  bool is_at_work(double t) const;                        // who sits at a notebook
  double cpu_share(double t) const;                       // of its cores

  Kind kind_;
  std::uint64_t dice_;
  double cores_;
  double limit_bytes_;
};

}  // namespace berth::demo
