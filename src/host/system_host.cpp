#include "host/system_host.hpp"

#include "async/on_thread.hpp"
#include "host/cpu_memory.hpp"
#include "host/gpu_load.hpp"
#include "host/listening_ports.hpp"
#include "host/probe.hpp"

namespace berth {
namespace {

// What a new user's session runs at its start; the same as in images/octave/startup.m.
constexpr std::string_view kStartup =
    "% Runs when your session starts. Add what you like: paths, variables, functions of your own.\n"
    "\n"
    "% Starts the WebSocket service, through which programs use this session. Leave it in.\n"
    "berth_websocket(8889);\n";

// A service that was told to listen everywhere answers here on loopback.
std::string dial_address(std::string ip) {
  if (ip.empty() || ip == "0.0.0.0") return "127.0.0.1";
  if (ip == "::") return "::1";
  return ip;
}

}  // namespace

Result<> SystemHost::make_workspace_folder(const std::string& data_dir, const std::string& folder) {
  return berth::make_workspace_folder(data_dir, folder);
}

Result<> SystemHost::check_workspace_unused(const std::string& data_dir,
                                            const std::string& folder) {
  return berth::check_workspace_unused(data_dir, folder);
}

Result<> SystemHost::make_matlab_folders(const std::string& root, int slot) {
  return berth::make_matlab_folders(root, slot, matlab_owner_, kStartup);
}

std::optional<EngineStats> SystemHost::read_counters(std::int64_t pid) {
  return sampler_.read(pid);
}

std::set<int> SystemHost::listening_ports() { return read_listening_ports(); }

std::optional<MachineCounters> SystemHost::read_machine(DeviceId) {
  return read_machine_counters();
}

Task<Result<std::vector<GpuLoad>>> SystemHost::read_gpus() {
  return on_thread<std::vector<GpuLoad>>(gpu_thread_, read_gpu_loads);
}

Task<bool> SystemHost::answers_http(std::string ip, int port) {
  probe::Target target{.ip = dial_address(std::move(ip)), .port = port};
  const auto answered = co_await probe::http_get(std::move(target), "/");
  co_return answered.has_value();
}

Task<bool> SystemHost::answers_websocket(std::string ip, int port) {
  probe::Target target{.ip = dial_address(std::move(ip)), .port = port};
  const auto answered = co_await probe::websocket(std::move(target), "/");
  co_return answered.has_value();
}

Task<bool> SystemHost::answers_ssh(std::string ip, int port) {
  probe::Target target{.ip = dial_address(std::move(ip)), .port = port};
  const auto answered = co_await probe::ssh_banner(std::move(target));
  co_return answered.has_value();
}

}  // namespace berth
