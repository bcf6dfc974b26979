#include "demo/workload.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace berth::demo {
namespace {

constexpr double kGibibyte = 1024.0 * 1024 * 1024;
constexpr double kTrainingNeeds = 4 * kGibibyte;  // less is not enough for it
constexpr auto kLeakLasts = std::chrono::seconds(75);
constexpr double kNanoseconds = 1e9;

Kind kind_of(const memory::Container& container) {
  const auto found = container.labels.find(kKindLabel);
  if (found == container.labels.end()) return Kind::kNotebook;
  if (found->second == "training") return Kind::kTraining;
  return found->second == "matlab" ? Kind::kMatlab : Kind::kNotebook;
}

// FNV-1a: the same on every machine, which std::hash does not promise.
std::uint64_t hash(const std::string& text) {
  std::uint64_t sum = 14695981039346656037u;
  for (const char letter : text) {
    sum ^= static_cast<unsigned char>(letter);
    sum *= 1099511628211u;
  }
  return sum ^ (sum >> 29);
}

// The integral of 1 + depth * sin(2 pi t / period + phase) from 0 to `t`.
double wave(double t, double depth, double period, double phase) {
  const double turn = 2 * std::numbers::pi / period;
  return t + depth / turn * (std::cos(phase) - std::cos(turn * t + phase));
}

double seconds(std::chrono::milliseconds span) {
  return static_cast<double>(span.count()) / 1000.0;
}

}  // namespace

Workload::Workload(const memory::Container& container)
    : kind_(kind_of(container)),
      dice_(hash(container.spec.name)),
      cores_(container.spec.cpu_cores),
      limit_bytes_(static_cast<double>(container.spec.memory_mb) * 1024 * 1024) {}

double Workload::fraction(int which) const {
  return static_cast<double>((dice_ >> (8 * which)) & 0xff) / 255.0;
}

// Steps and epochs, as two waves; people at a notebook come and go more slowly.
std::int64_t Workload::cpu_ns(std::chrono::milliseconds uptime) const {
  const double t = seconds(uptime);
  const double phase = 2 * std::numbers::pi * fraction(1);
  const bool trains = kind_ == Kind::kTraining;
  const double share = trains ? 0.5 + 0.35 * fraction(0) : 0.04 + 0.16 * fraction(0);
  const double fast = wave(t, trains ? 0.06 : 0.35, trains ? 43 : 95, phase);
  const double slow = wave(t, trains ? 0.22 : 0.6, 400 + 500 * fraction(2), phase * 2);
  return static_cast<std::int64_t>(cores_ * share * (fast + slow) / 2 * kNanoseconds);
}

std::int64_t Workload::memory_bytes(std::chrono::milliseconds uptime) const {
  const double t = seconds(uptime);
  if (const auto end = runs_out_of_memory_after()) {
    return static_cast<std::int64_t>(limit_bytes_ * std::min(1.0, 0.2 + 0.8 * t / seconds(*end)));
  }
  const bool trains = kind_ == Kind::kTraining;
  const double most = trains ? limit_bytes_ * (0.45 + 0.35 * fraction(3))
                             : std::min(limit_bytes_ * 0.6, (0.7 + 1.6 * fraction(3)) * kGibibyte);
  const double warm = 0.35 + 0.65 * (1 - std::exp(-t / 90));
  const double breath = 1 + 0.04 * std::sin(2 * std::numbers::pi * t / (180 + 200 * fraction(4)));
  return static_cast<std::int64_t>(most * warm * breath);
}

std::optional<std::chrono::milliseconds> Workload::runs_out_of_memory_after() const {
  if (kind_ != Kind::kTraining || limit_bytes_ >= kTrainingNeeds) return std::nullopt;
  return kLeakLasts;
}

}  // namespace berth::demo
