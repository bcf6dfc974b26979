#include "control/sampler.hpp"

#include <algorithm>
#include <set>

#include "base/limits.hpp"
#include "core/figures.hpp"

namespace berth {
namespace {

constexpr auto kEvery = std::chrono::milliseconds(1'000);
constexpr auto kFresh = std::chrono::milliseconds(2'000);
constexpr auto kFreshFromEngine = std::chrono::milliseconds(10'000);
constexpr auto kAskAgain = std::chrono::milliseconds(30'000);
constexpr auto kAskElsewhere = std::chrono::milliseconds(5'000);
constexpr int kAskedAtOnce = 8;

}  // namespace

Sampler::Sampler(Store& store, Devices& devices, Driver& driver, Host& host, Clock& clock,
                 Timers& timers, Background& background)
    : store_(store),
      devices_(devices),
      driver_(driver),
      host_(host),
      clock_(clock),
      timers_(timers),
      background_(background) {}

void Sampler::start(DeviceId local) {
  local_ = local;
  background_.start("sampler", run());
}

std::optional<Usage> Sampler::usage(ContainerId cid) const {
  auto found = watched_.find(cid);
  if (found == watched_.end() || !found->second.usage) return std::nullopt;
  const auto fresh = found->second.pid != 0 ? kFresh : kFreshFromEngine;
  if (clock_.steady() - found->second.taken_at > fresh) return std::nullopt;
  return found->second.usage;
}

std::vector<UsageSample> Sampler::series(ContainerId cid, WallTime since) const {
  auto found = series_.find(cid);
  return found == series_.end() ? std::vector<UsageSample>{} : found->second.since(since);
}

std::optional<Usage> Sampler::device_load(DeviceId did) const {
  if (!local_ || did != local_) return std::nullopt;
  return machine_;
}

Task<> Sampler::run() {
  while (!background_.stopping()) {
    co_await sample_once();
    co_await timers_.sleep(kEvery);
  }
}

Task<> Sampler::sample_once() {
  sample_machine();
  co_await refresh_running();
  for (const ContainerRow& row : running_) sample(row);
  const WallTime now = clock_.now();
  std::erase_if(series_, [now](const auto& entry) { return entry.second.is_stale(now); });
}

// Rows are read again only when something has been written: a hundred of them cost as much as their
// counters.
Task<> Sampler::refresh_running() {
  const auto writes = store_.writes();
  if (running_as_of_ == writes) co_return;
  auto work = [](Transaction& tx) -> Result<std::vector<ContainerRow>> {
    auto rows = tx.containers(limits::kContainers);
    std::erase_if(rows, [](const ContainerRow& row) { return row.state != State::kRunning; });
    return rows;
  };
  auto rows = co_await store_.read(work);
  if (!rows) co_return;
  running_ = std::move(*rows);
  running_as_of_ = writes;
  std::set<ContainerId> running;
  for (const ContainerRow& row : running_) running.insert(row.cid);
  std::erase_if(watched_, [&](const auto& entry) { return !running.contains(entry.first); });
}

void Sampler::sample(const ContainerRow& row) {
  Watched& watched = watched_[row.cid];
  if (watched.started_at != row.started_at) {
    watched = {.started_at = row.started_at, .asking = watched.asking};  // started anew: other pid
  }
  const auto stats = watched.pid != 0 ? host_.read_counters(watched.pid) : std::nullopt;
  if (stats) {
    take(watched, *stats);
    remember(row, watched);
  } else if (!watched.asking && clock_.steady() >= watched.ask_again_at && asked_ < kAskedAtOnce) {
    watched.pid = 0;
    watched.asking = true;
    ++asked_;
    background_.start("ask engine for figures", ask_engine(row));
  }
}

void Sampler::sample_machine() {
  const auto now = host_.read_machine();
  if (now && machine_last_ && now->total_ticks > machine_last_->total_ticks) {
    const auto busy = static_cast<double>(now->busy_ticks - machine_last_->busy_ticks);
    const auto total = static_cast<double>(now->total_ticks - machine_last_->total_ticks);
    machine_ = Usage{std::clamp(100.0 * busy / total, 0.0, 100.0), now->memory_used_bytes,
                     now->memory_total_bytes, clock_.now()};
  }
  machine_last_ = now;
  if (!now) machine_.reset();
}

// Finds its process on this machine; where there is none, the engine's own figures serve, for a
// MATLAB session and for whatever is on another machine.
Task<> Sampler::ask_engine(ContainerRow row) {
  auto engine = devices_.reachable_engine(row.did);
  Result<ContainerSeen> seen = fail(ErrorCode::kUnavailable, "not connected");
  if (engine) seen = co_await (*engine)->inspect(driver_.naming().container(row, row.generation));
  const bool is_here = devices_.place(row.did).is_here;
  const bool is_local =
      is_here && seen && seen->pid != 0 && host_.read_counters(seen->pid).has_value();
  const bool wants_stats =
      engine && seen && !is_local && (row.kind == ContainerKind::kMatlab || !is_here);
  Result<EngineStats> stats = fail(ErrorCode::kUnavailable, "not needed");
  if (wants_stats) stats = co_await (*engine)->stats(seen->id);
  --asked_;
  auto watched = watched_.find(row.cid);
  if (watched == watched_.end()) co_return;
  watched->second.asking = false;
  if (is_local) watched->second.pid = seen->pid;
  if (!is_local && !wants_stats) watched->second.ask_again_at = clock_.steady() + kAskAgain;
  if (!is_here) watched->second.ask_again_at = clock_.steady() + kAskElsewhere;
  if (!stats) co_return;
  take(watched->second, *stats);
  remember(row, watched->second);
}

void Sampler::remember(const ContainerRow& row, const Watched& watched) {
  if (row.kind != ContainerKind::kWorkspace || !watched.usage) return;
  series_[row.cid].add(watched.usage->at, watched.usage->cpu_percent, watched.usage->memory_bytes);
}

void Sampler::take(Watched& watched, const EngineStats& stats) {
  const auto now = clock_.steady();
  Usage usage{0, stats.memory_bytes, stats.memory_limit_bytes, clock_.now()};
  if (watched.has_last) {
    usage.cpu_percent =
        figures::cpu_percent(watched.last.cpu_ns, stats.cpu_ns, now - watched.taken_at);
  }
  watched.usage = usage;
  watched.last = stats;
  watched.taken_at = now;
  watched.has_last = true;
}

}  // namespace berth
