#include "control/sampler.hpp"

#include <set>
#include <vector>

#include "base/limits.hpp"
#include "core/figures.hpp"

namespace berth {
namespace {

constexpr auto kEvery = std::chrono::milliseconds(1'000);
constexpr auto kFresh = std::chrono::milliseconds(2'000);
constexpr auto kFreshFromEngine = std::chrono::milliseconds(10'000);

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

void Sampler::start() { background_.start("sampler", run()); }

std::optional<Usage> Sampler::usage(ContainerId cid) const {
  auto found = watched_.find(cid);
  if (found == watched_.end() || !found->second.usage) return std::nullopt;
  const auto fresh = found->second.pid != 0 ? kFresh : kFreshFromEngine;
  if (clock_.steady() - found->second.taken_at > fresh) return std::nullopt;
  return found->second.usage;
}

Task<> Sampler::run() {
  while (!background_.stopping()) {
    co_await sweep();
    co_await timers_.sleep(kEvery);
  }
}

Task<> Sampler::sweep() {
  auto rows = co_await store_.read([](Transaction& tx) -> Result<std::vector<ContainerRow>> {
    return tx.matlab_sessions(limits::kMatlabSlots);
  });
  if (!rows) co_return;
  std::set<ContainerId> running;
  for (const ContainerRow& row : *rows) {
    if (row.state != State::kRunning) continue;
    running.insert(row.cid);
    Watched& watched = watched_[row.cid];
    if (watched.started_at != row.started_at)
      watched = {.started_at = row.started_at};  // started anew: other pid
    const auto stats = watched.pid != 0 ? host_.read_counters(watched.pid) : std::nullopt;
    if (stats) {
      take(watched, *stats);
    } else if (!watched.asking) {
      watched.pid = 0;
      watched.asking = true;
      background_.start("ask engine for figures", ask_engine(row));
    }
  }
  std::erase_if(watched_, [&](const auto& entry) { return !running.contains(entry.first); });
}

// Finds its process on this machine; where there is none, the engine's own figures serve.
Task<> Sampler::ask_engine(ContainerRow row) {
  auto engine = devices_.reachable_engine(row.did);
  Result<ContainerSeen> seen = fail(ErrorCode::kUnavailable, "not connected");
  if (engine) seen = co_await (*engine)->inspect(driver_.naming().container(row, row.generation));
  const bool is_local = seen && seen->pid != 0 && host_.read_counters(seen->pid).has_value();
  Result<EngineStats> stats = fail(ErrorCode::kUnavailable, "not needed");
  if (engine && seen && !is_local) stats = co_await (*engine)->stats(seen->id);
  auto watched = watched_.find(row.cid);
  if (watched == watched_.end()) co_return;
  watched->second.asking = false;
  if (is_local) watched->second.pid = seen->pid;
  if (stats) take(watched->second, *stats);
}

void Sampler::take(Watched& watched, const EngineStats& stats) {
  const auto now = clock_.steady();
  Usage usage{0, stats.memory_bytes, stats.memory_limit_bytes};
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
