#include "demo/demo_host.hpp"

#include <algorithm>

#include "core/matlab_names.hpp"

namespace berth::demo {
namespace {

// From a container's start until what is in it answers.
constexpr auto kBoot = std::chrono::milliseconds(1'500);
constexpr std::int64_t kTicksPerSecond = 100;
constexpr std::int64_t kSystemBytes = std::int64_t{3} << 30;
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

// The first machine is the one that Berth runs on.
std::optional<MachineCounters> DemoHost::read_machine() {
  const LabMachine& machine = machines_.front();
  MachineCounters counters{
      .total_ticks = time_.steady().count() * kTicksPerSecond / 1000 * machine.row.cpu_cores,
      .memory_used_bytes = kSystemBytes,
      .memory_total_bytes = machine.row.memory_mb << 20};
  for (const auto& container : machine.engine->machine.containers()) {
    auto stats = machine.engine->machine.stats(container.id);
    if (!stats) continue;
    counters.busy_ticks += stats->cpu_ns / (1'000'000'000 / kTicksPerSecond);
    counters.memory_used_bytes += stats->memory_bytes;
  }
  return counters;
}

bool DemoHost::is_up(int port) const {
  for (const LabMachine& machine : machines_) {
    if (machine.engine->is_down()) continue;
    for (const auto* container : live_of(machine)) {
      const bool has_port =
          std::ranges::any_of(container->spec.ports,
                              [port](const PortBinding& held) { return held.host_port == port; });
      if (has_port && container->runs.back().length(time_.now()) >= kBoot) return true;
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
