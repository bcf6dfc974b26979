#pragma once

#include <string>
#include <vector>

#include "control/control.hpp"
#include "host/host.hpp"

namespace berth::sim {

class World;

inline constexpr char kWorkspaceImage[] = "workspace:test";
inline constexpr char kMatlabImage[] = "octave:test";

class SimHost final : public Host {
 public:
  Result<> make_workspace_folder(const std::string&, const std::string&) override { return ok(); }
  Result<> make_matlab_folders(const std::string&, int) override { return ok(); }
  std::optional<EngineStats> read_counters(std::int64_t) override { return std::nullopt; }
  std::optional<MachineCounters> read_machine(DeviceId) override { return std::nullopt; }
  Task<bool> answers_ssh(std::string, int) override { co_return true; }
  Task<bool> answers_http(std::string, int) override { co_return true; }
  Task<bool> answers_websocket(std::string, int) override { co_return true; }
};

// Berth from one start to one kill: what src/cli/serve.cpp builds, but for its listeners.
struct Life {
  Life(World& world, const secrets::Sealer& sealer, DeviceId matlab_device);

  // What is done before anybody is served.
  static Task<Result<std::vector<DeviceId>>> prepare(World& world);
  void start(World& world, const std::vector<DeviceId>& dids);
  Task<> introduce_image(World& world, DeviceId did);

  SimHost host;
  Control control;
};

// One key for all seeds of a run.
const secrets::Sealer& the_sealer();

}  // namespace berth::sim
