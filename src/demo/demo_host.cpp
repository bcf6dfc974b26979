#include "demo/demo_host.hpp"

#include <algorithm>

#include "control/spec_maker.hpp"
#include "core/matlab_names.hpp"
#include "demo/workload.hpp"

namespace berth::demo {
namespace {

// From a container's start until what listens on that port of it answers.
std::chrono::milliseconds boot_of(int container_port) {
  if (container_port == kSshPort) return std::chrono::milliseconds(700);
  if (container_port == kJupyterPort) return std::chrono::milliseconds(2'200);
  if (container_port == kTensorboardPort) return std::chrono::milliseconds(3'400);
  return std::chrono::milliseconds(1'500);
}

constexpr std::int64_t kTicksPerSecond = 100;
constexpr std::int64_t kSystemBytes = std::int64_t{3} << 30;
constexpr std::int64_t kSystemPercent = 1;
constexpr std::int64_t kIdleCardBytes = std::int64_t{4} << 20;
// One session's WebSocket never comes up: a board on which all is well teaches nothing.
constexpr int kDeafSession = 5;

std::vector<const memory::Container*> live_of(const LabMachine& machine) {
  std::vector<const memory::Container*> live;
  for (const auto& container : machine.engine->machine.containers()) {
    if (memory::is_live(container)) live.push_back(&container);
  }
  return live;
}

}  // namespace

std::optional<EngineStats> DemoHost::read_counters(std::int64_t pid) {
  for (const LabMachine& machine : machines_) {
    if (machine.engine->is_down()) continue;
    for (const auto* container : live_of(machine)) {
      if (container->pid != pid) continue;
      auto stats = machine.engine->machine.stats(container->id);
      if (stats) return *stats;
    }
  }
  return std::nullopt;
}

std::optional<MachineCounters> DemoHost::read_machine(DeviceId did) {
  const auto machine = std::ranges::find(machines_, did, [](const auto& m) { return m.row.did; });
  if (machine == machines_.end() || machine->engine->is_down()) return std::nullopt;
  MachineCounters counters{
      .total_ticks = time_.steady().count() * kTicksPerSecond / 1000 * machine->row.cpu_cores,
      .memory_used_bytes = kSystemBytes,
      .memory_total_bytes = machine->row.memory_mb << 20};
  Done& done = done_[did];
  std::map<std::string, std::int64_t> now_ns;
  for (const auto* container : live_of(*machine)) {
    const auto stats = machine->engine->machine.stats(container->id);
    if (!stats) continue;
    now_ns[container->id] = stats->cpu_ns;
    const std::int64_t before = done.last_ns[container->id];
    done.busy_ns += stats->cpu_ns - (stats->cpu_ns < before ? 0 : before);  // started anew
    counters.memory_used_bytes += stats->memory_bytes;
  }
  done.last_ns = std::move(now_ns);
  counters.busy_ticks = done.busy_ns / (1'000'000'000 / kTicksPerSecond) +
                        counters.total_ticks * kSystemPercent / 100;
  return counters;
}

Task<Result<std::vector<GpuLoad>>> DemoHost::read_gpus() {
  std::vector<GpuLoad> loads;
  for (const LabMachine& machine : machines_) {
    if (machine.engine->is_down()) continue;
    const std::int64_t all = std::int64_t{machine.gpu_memory_gb} << 30;
    for (const GpuRow& gpu : machine.gpus) loads.push_back({gpu.uuid, 0, kIdleCardBytes, all});
    for (const auto* container : live_of(machine)) {
      const Workload work(*container);
      const auto uptime = container->runs.back().length(time_.now());
      const std::vector<std::string>& held = container->spec.gpu_uuids;
      for (std::size_t card = 0; card < held.size(); ++card) {
        const auto load = std::ranges::find(loads, held[card], &GpuLoad::uuid);
        if (load == loads.end()) continue;
        load->busy_percent = work.gpu_busy_percent(card, uptime);
        load->memory_bytes = static_cast<std::int64_t>(work.gpu_memory_share(card, uptime) *
                                                       static_cast<double>(all));
      }
    }
  }
  co_return loads;
}

bool DemoHost::is_up(int port) const {
  for (const LabMachine& machine : machines_) {
    if (machine.engine->is_down()) continue;
    for (const auto* container : live_of(machine)) {
      const auto held = std::ranges::find(container->spec.ports, port, &PortBinding::host_port);
      if (held == container->spec.ports.end()) continue;
      if (container->runs.back().length(time_.now()) >= boot_of(held->container_port)) return true;
    }
  }
  return false;
}

Task<bool> DemoHost::answers_http(std::string, int port) { co_return is_up(port); }

Task<bool> DemoHost::answers_ssh(std::string, int port) { co_return is_up(port); }

Task<bool> DemoHost::answers_websocket(std::string, int port) {
  co_return is_up(port) && port != matlab_names::ws_port(kDeafSession);
}

}  // namespace berth::demo
