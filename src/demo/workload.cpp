#include "demo/workload.hpp"

#include <algorithm>
#include <cmath>

namespace berth::demo {
namespace {

constexpr double kGibibyte = 1024.0 * 1024 * 1024;
constexpr double kTrainingNeeds = 4 * kGibibyte;  // less is not enough for it
constexpr auto kLeakLasts = std::chrono::seconds(75);
constexpr double kNanoseconds = 1e9;

// What a container does repeats after an hour: then the work of its processors in all is known
// without adding up its whole life.
constexpr double kSlot = 5;  // seconds
constexpr std::int64_t kSlots = 720;

constexpr double kLoads = 50;        // seconds, of the data, before the first batch
constexpr double kTrains = 0.84;     // of an epoch
constexpr double kValidates = 0.96;  // until here; the rest is a checkpoint
constexpr double kStretch = 240;     // seconds that somebody works, or does not

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

// splitmix64
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

double seconds(std::chrono::milliseconds span) {
  return static_cast<double>(span.count()) / 1000.0;
}

std::int64_t place_of(double t, double length) {
  return static_cast<std::int64_t>(std::floor(t / length));
}

double part_of(double t, double length) { return t / length - std::floor(t / length); }

// Within the cycle.
double phase(std::chrono::milliseconds uptime) {
  return std::fmod(seconds(uptime), static_cast<double>(kSlots) * kSlot);
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

double Workload::noise(std::int64_t place, int which) const {
  const auto salt = static_cast<std::uint64_t>(place) * 8 + static_cast<std::uint64_t>(which);
  return static_cast<double>(mix(dice_ ^ mix(salt)) >> 40) / static_cast<double>(1u << 24);
}

// Between two and eight minutes, and a multiple of what a line of its log takes.
std::chrono::milliseconds Workload::epoch() const {
  return std::chrono::seconds(126 + 63 * std::int64_t(fraction(2) * 5));
}

bool Workload::is_at_work(double t) const {
  const std::int64_t stretch = place_of(t, kStretch);
  return stretch == 0 || noise(stretch / 2, 1) + 0.35 * noise(stretch, 2) > 0.55;
}

double Workload::cpu_share(double t) const {
  const double jitter = noise(place_of(t, kSlot));
  if (kind_ == Kind::kTraining) {
    const double whole = 0.42 + 0.28 * fraction(0);  // what its loaders take
    const double p = part_of(t, seconds(epoch()));
    // They run ahead of the GPU, and rest when enough is ready.
    if (p < kTrains) return whole * (0.78 + 0.3 * part_of(p * 3, 1)) + 0.07 * jitter;
    if (p < kValidates) return whole * 0.55 + 0.05 * jitter;
    return std::min(0.95, 1.2 / cores_) + 0.02 * jitter;
  }
  const double idle = 0.006 + 0.008 * jitter;
  if (!is_at_work(t)) return idle;
  const std::int64_t cell = place_of(t, 15);
  if (noise(cell, 3) < 0.55) return idle + 0.03 * jitter;
  // A cell uses one core, or as many as its library finds.
  const double cores = noise(cell, 4) < 0.6 ? 1 : cores_ * (0.35 + 0.5 * noise(cell, 5));
  return std::min(0.95, cores / cores_ * (0.7 + 0.3 * jitter));
}

std::int64_t Workload::cpu_ns(std::chrono::milliseconds uptime) const {
  const double t = seconds(uptime);
  const std::int64_t slots = place_of(t, kSlot);
  const std::int64_t rest = slots % kSlots;
  double cycle = 0;  // the shares of a whole one, times seconds
  double begun = 0;  // of the one that is under way
  const std::int64_t needed = slots < kSlots ? rest + 1 : kSlots;
  for (std::int64_t slot = 0; slot < needed; ++slot) {
    if (slot == rest) begun = cycle;
    cycle += cpu_share(static_cast<double>(slot) * kSlot) * kSlot;
  }
  const double now =
      cpu_share(static_cast<double>(rest) * kSlot) * (t - static_cast<double>(slots) * kSlot);
  return static_cast<std::int64_t>(
      cores_ * (static_cast<double>(slots / kSlots) * cycle + begun + now) * kNanoseconds);
}

std::int64_t Workload::memory_bytes(std::chrono::milliseconds uptime) const {
  const double t = seconds(uptime);
  if (const auto end = runs_out_of_memory_after()) {
    return static_cast<std::int64_t>(limit_bytes_ * std::min(1.0, 0.2 + 0.8 * t / seconds(*end)));
  }
  if (kind_ == Kind::kTraining) {
    // The data, and then a little more with each batch until the checkpoint lets go of it.
    const double most = limit_bytes_ * (0.42 + 0.34 * fraction(3));
    const double loaded = 0.1 + 0.78 * std::min(1.0, t / kLoads);
    const double grown = t < kLoads ? 0 : 0.12 * part_of(phase(uptime), seconds(epoch()));
    return static_cast<std::int64_t>(most * (loaded + grown));
  }
  // A kernel's tables grow while somebody works, and go when it is started anew.
  const std::int64_t stretch = place_of(phase(uptime), kStretch);
  const std::int64_t steps = stretch % (4 + std::int64_t(fraction(4) * 5));
  double tables = 0.12;
  for (std::int64_t step = 0; step <= steps; ++step) tables += 0.13 * noise(stretch - step, 6);
  const double most = std::min(limit_bytes_ * (0.4 + 0.3 * fraction(3)), 16 * kGibibyte);
  return static_cast<std::int64_t>(most * std::min(1.0, tables));
}

double Workload::gpu_busy_percent(std::size_t card, std::chrono::milliseconds uptime) const {
  const double t = phase(uptime);
  const double jitter = noise(place_of(t, kSlot), static_cast<int>(card % 4));
  if (kind_ != Kind::kTraining) {
    const bool computes = is_at_work(t) && noise(place_of(t, 15), 3) > 0.8;
    return computes ? std::round(20 + 60 * jitter) : 0;
  }
  const bool loads = seconds(uptime) < kLoads || runs_out_of_memory_after();
  if (loads) return std::round(3 * jitter);
  const double p = part_of(t, seconds(epoch()));
  if (p < kTrains) return std::round(88 + 5 * fraction(5) + 7 * jitter);
  if (p < kValidates) return std::round(58 + 16 * jitter);
  return std::round(6 * jitter);
}

// Whoever has allocated keeps it: an allocator gives nothing back while its process lives.
double Workload::gpu_memory_share(std::size_t card, std::chrono::milliseconds uptime) const {
  const double t = seconds(uptime);
  if (kind_ != Kind::kTraining) return t < kStretch ? 0.02 : 0.1 + 0.12 * fraction(6);
  if (t < kLoads || runs_out_of_memory_after()) return 0.03 + 0.05 * std::min(1.0, t / kLoads);
  const double plateau = 0.62 + 0.28 * fraction(6) + 0.01 * static_cast<double>(card % 4);
  const bool has_validated = t > kLoads + seconds(epoch());
  return has_validated ? plateau : plateau - 0.06;
}

std::optional<std::chrono::milliseconds> Workload::runs_out_of_memory_after() const {
  if (kind_ != Kind::kTraining || limit_bytes_ >= kTrainingNeeds) return std::nullopt;
  return kLeakLasts;
}

}  // namespace berth::demo
