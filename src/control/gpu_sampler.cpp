#include "control/gpu_sampler.hpp"

#include "base/limits.hpp"
#include "base/log.hpp"

namespace berth {
namespace {

constexpr auto kEvery = std::chrono::seconds(5);
constexpr auto kFresh = std::chrono::milliseconds(15'000);
constexpr auto kAskAgain = std::chrono::seconds(60);  // where nothing could be told

}  // namespace

GpuSampler::GpuSampler(Store& store, Host& host, Clock& clock, Timers& timers,
                       Background& background, std::vector<DeviceId> here)
    : store_(store),
      host_(host),
      clock_(clock),
      timers_(timers),
      background_(background),
      here_(std::move(here)) {}

void GpuSampler::start() { background_.start("GPU sampler", run()); }

Task<> GpuSampler::run() {
  while (!background_.stopping()) {
    const bool told = co_await sample_once();
    const std::chrono::milliseconds pause = told ? kEvery : kAskAgain;
    co_await timers_.sleep(pause);
  }
}

Task<bool> GpuSampler::sample_once() {
  co_await read_cards();
  if (cards_.by_uuid.empty()) co_return true;  // nobody to ask about
  const auto loads = co_await host_.read_gpus();
  if (!loads) {
    say_once(loads.error());
    co_return false;
  }
  failure_.reset();
  for (const GpuLoad& load : *loads) take(load);
  const WallTime now = clock_.now();
  std::erase_if(series_, [now](const auto& entry) { return entry.second.is_stale(now); });
  co_return true;
}

// What goes on for hours is one line in the log.
void GpuSampler::say_once(const Error& why) {
  if (failure_ == why) return;
  failure_ = why;
  if (why.code == ErrorCode::kNotFound) return;  // a machine without nvidia-smi
  log(LogLevel::kWarn, "GPU load not read", {{"error", why.message}, {"details", why.details}});
}

// Only when something has been written.
Task<> GpuSampler::read_cards() {
  const auto writes = store_.writes();
  if (cards_as_of_ == writes) co_return;
  auto work = [here = here_](Transaction& tx) -> Result<Cards> {
    Cards cards;
    for (const DeviceId did : here) {
      for (const GpuRow& gpu : tx.gpus(did)) cards.by_uuid[gpu.uuid] = gpu.gid;
    }
    if (cards.by_uuid.empty()) return cards;
    for (const ContainerRow& row : tx.containers(limits::kContainers)) {
      if (row.state != State::kRunning || row.kind != ContainerKind::kWorkspace) continue;
      for (const GpuId gid : row.gpus) cards.holders[gid] = row.cid;
    }
    return cards;
  };
  auto cards = co_await store_.read(work);
  if (!cards) co_return;
  cards_ = std::move(*cards);
  cards_as_of_ = writes;
}

void GpuSampler::take(const GpuLoad& load) {
  const auto card = cards_.by_uuid.find(load.uuid);
  if (card == cards_.by_uuid.end()) return;
  const WallTime now = clock_.now();
  known_[card->second] = {
      .usage = {load.busy_percent, load.memory_bytes, load.memory_total_bytes, now},
      .taken_at = clock_.steady()};
  const auto holder = cards_.holders.find(card->second);
  if (holder == cards_.holders.end()) return;
  series_[{holder->second, card->second}].add(now, load.busy_percent, load.memory_bytes);
}

std::optional<GpuUsage> GpuSampler::usage(GpuId gid) const {
  const auto found = known_.find(gid);
  if (found == known_.end() || clock_.steady() - found->second.taken_at > kFresh)
    return std::nullopt;
  return found->second.usage;
}

std::vector<UsageSample> GpuSampler::series(ContainerId cid, GpuId gid, WallTime since) const {
  const auto found = series_.find({cid, gid});
  return found == series_.end() ? std::vector<UsageSample>{} : found->second.since(since);
}

}  // namespace berth
