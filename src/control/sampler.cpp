#include "control/sampler.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "core/figures.hpp"

namespace berth {
namespace {

constexpr auto kEvery = std::chrono::milliseconds(1'000);
constexpr auto kFresh = std::chrono::milliseconds(2'000);
constexpr auto kFreshFromEngine = std::chrono::milliseconds(10'000);
constexpr auto kAskAgain = std::chrono::milliseconds(30'000);
constexpr auto kAskElsewhere = std::chrono::milliseconds(5'000);
constexpr int kAskedElsewhere = 32;  // at once
constexpr auto kReadAll = std::chrono::milliseconds(60'000);
constexpr std::size_t kMostChanged = 1'000;  // one by one; of more, all are read

}  // namespace

Sampler::Sampler(Store& store, Changes& changes, Devices& devices, Driver& driver, Host& host,
                 Clock& clock, Timers& timers, Background& background,
                 const std::vector<DeviceId>& here)
    : store_(store),
      devices_(devices),
      driver_(driver),
      host_(host),
      clock_(clock),
      timers_(timers),
      background_(background),
      subscription_(changes.subscribe([this](const Change& change) { note(change); })) {
  for (const DeviceId did : here) machines_[did];
}

void Sampler::start() { background_.start("sampler", run()); }

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
  auto found = machines_.find(did);
  return found == machines_.end() ? std::nullopt : found->second.usage;
}

Task<> Sampler::run() {
  while (!background_.stopping()) {
    co_await sample_once();
    co_await timers_.sleep(kEvery);
  }
}

void Sampler::note(const Change& change) {
  if (change.kind == Change::Kind::kContainer) changed_.cids.insert(ContainerId{change.id});
  if (change.kind == Change::Kind::kMatlab) changed_.slots.insert(static_cast<int>(change.id));
  if (changed_.cids.size() > kMostChanged) changed_ = {.all = true};
}

Task<> Sampler::sample_once() {
  for (auto& [did, machine] : machines_) sample_machine(did, machine);
  co_await catch_up();
  for (auto& [cid, watched] : watched_) sample(watched);
  const WallTime now = clock_.now();
  std::erase_if(series_, [now](const auto& entry) { return entry.second.is_stale(now); });
}

Task<> Sampler::catch_up() {
  if (clock_.steady() >= read_all_at_) changed_.all = true;
  if (!changed_.all && changed_.cids.empty() && changed_.slots.empty()) co_return;
  const Changed changed = std::exchange(changed_, {});
  auto work = [this, &changed](Transaction& tx) -> Result<std::vector<ContainerRow>> {
    return read(tx, changed);
  };
  const auto rows = co_await store_.read(work);
  if (!rows) {
    changed_.all = true;
    co_return;
  }
  if (changed.all) read_all_at_ = clock_.steady() + kReadAll;
  std::set<ContainerId> running;
  for (const ContainerRow& row : *rows) {
    if (is_to_sample(row)) running.insert(row.cid);
  }
  std::erase_if(watched_, [&](const auto& entry) {
    return changed.has(entry.second.row) && !running.contains(entry.first);
  });
  for (const ContainerRow& row : *rows) {
    if (running.contains(row.cid)) watch(row);
  }
}

bool Sampler::Changed::has(const ContainerRow& row) const {
  return all || cids.contains(row.cid) || (row.slot != 0 && slots.contains(row.slot));
}

std::vector<ContainerRow> Sampler::read(Transaction& tx, const Changed& changed) const {
  std::vector<ContainerRow> rows;
  const auto add = [&rows](auto&& more) { rows.insert(rows.end(), more.begin(), more.end()); };
  if (changed.all) {
    for (const auto& [did, machine] : machines_) add(tx.containers_on(did, limits::kContainers));
    for (const DeviceId did : devices_.elsewhere()) add(tx.containers_on(did, limits::kContainers));
    add(tx.matlab_sessions(limits::kMatlabSlots));
    return rows;
  }
  for (const ContainerId cid : changed.cids) {
    if (auto row = tx.container(cid)) rows.push_back(std::move(*row));
  }
  for (const int slot : changed.slots) {
    if (auto row = tx.matlab_session(slot)) rows.push_back(std::move(*row));
  }
  return rows;
}

bool Sampler::is_to_sample(const ContainerRow& row) const {
  if (row.state != State::kRunning) return false;
  return row.kind == ContainerKind::kMatlab || is_here(row.did) || is_elsewhere(row.did);
}

void Sampler::watch(const ContainerRow& row) {
  Watched& watched = watched_[row.cid];
  const bool is_another = watched.row.started_at != row.started_at;  // and so another process
  if (is_another) watched = {.asking = watched.asking};
  watched.row = row;
}

void Sampler::sample(Watched& watched) {
  const ContainerRow& row = watched.row;
  const auto stats = watched.pid != 0 ? host_.read_counters(watched.pid) : std::nullopt;
  if (stats) {
    take(watched, *stats);
  } else if (!watched.asking && clock_.steady() >= watched.ask_again_at) {
    if (is_elsewhere(row.did) && asked_elsewhere_ >= kAskedElsewhere) return;
    if (is_elsewhere(row.did)) ++asked_elsewhere_;
    watched.pid = 0;
    watched.asking = true;
    background_.start("ask engine for figures", ask_engine(row));
  }
}

void Sampler::sample_machine(DeviceId did, WatchedMachine& machine) {
  const auto now = host_.read_machine(did);
  if (now && machine.last && now->total_ticks > machine.last->total_ticks) {
    const auto busy = static_cast<double>(now->busy_ticks - machine.last->busy_ticks);
    const auto total = static_cast<double>(now->total_ticks - machine.last->total_ticks);
    machine.usage = Usage{std::clamp(100.0 * busy / total, 0.0, 100.0), now->memory_used_bytes,
                          now->memory_total_bytes, clock_.now()};
  }
  machine.last = now;
  if (!now) machine.usage.reset();
}

// Finds its process on this machine; where there is none, the engine's own figures serve, for a
// MATLAB session and for what runs on another machine.
Task<> Sampler::ask_engine(ContainerRow row) {
  auto engine = devices_.reachable_engine(row.did);
  Result<ContainerSeen> seen = fail(ErrorCode::kUnavailable, "not connected");
  if (engine) seen = co_await (*engine)->inspect(driver_.naming().container(row, row.generation));
  // A process here may have the number that it has over there.
  const bool elsewhere = is_elsewhere(row.did);
  const bool is_local =
      !elsewhere && seen && seen->pid != 0 && host_.read_counters(seen->pid).has_value();
  const bool wants_stats =
      engine && seen && !is_local && (elsewhere || row.kind == ContainerKind::kMatlab);
  Result<EngineStats> stats = fail(ErrorCode::kUnavailable, "not needed");
  if (wants_stats) stats = co_await (*engine)->stats(seen->id);
  if (elsewhere) --asked_elsewhere_;
  auto watched = watched_.find(row.cid);
  if (watched == watched_.end()) co_return;
  watched->second.asking = false;
  if (is_local) watched->second.pid = seen->pid;
  if (!is_local && !wants_stats) watched->second.ask_again_at = clock_.steady() + kAskAgain;
  if (elsewhere) watched->second.ask_again_at = clock_.steady() + kAskElsewhere;
  if (stats) take(watched->second, *stats);
}

void Sampler::take(Watched& watched, const EngineStats& stats) {
  const auto now = clock_.steady();
  Usage usage{0, stats.memory_bytes, stats.memory_limit_bytes, clock_.now()};
  if (watched.has_last) {
    usage.cpu_percent =
        figures::cpu_percent(watched.last.cpu_ns, stats.cpu_ns, now - watched.taken_at);
  }
  watched.usage = usage;
  if (watched.row.kind == ContainerKind::kWorkspace &&
      watched.has_last)  // a difference tells of cpu
    series_[watched.row.cid].add(usage.at, usage.cpu_percent, usage.memory_bytes);
  watched.last = stats;
  watched.taken_at = now;
  watched.has_last = true;
}

}  // namespace berth
