#pragma once

#include <map>
#include <string>
#include <vector>

#include "demo/machines.hpp"
#include "host/host.hpp"

namespace berth::demo {

// All machines of the lab as one host: it reads the counters of every container, and answers for
// what runs there. It has no disk.
class DemoHost final : public Host {
 public:
  DemoHost(const std::vector<LabMachine>& machines, const LabTime& time)
      : machines_(machines), time_(time) {}

  Result<> make_workspace_folder(const std::string&, const std::string&) override { return ok(); }
  Result<> make_matlab_folders(const std::string&, int) override { return ok(); }
  std::optional<EngineStats> read_counters(std::int64_t pid) override;
  std::optional<MachineCounters> read_machine(DeviceId did) override;
  Task<Result<std::vector<GpuLoad>>> read_gpus() override;
  Task<bool> answers_http(std::string ip, int port) override;
  Task<bool> answers_websocket(std::string ip, int port) override;
  Task<bool> answers_ssh(std::string ip, int port) override;

 private:
  // What a machine's containers have done in all, those that are gone included.
  struct Done {
    std::map<std::string, std::int64_t> last_ns;  // by container
    std::int64_t busy_ns = 0;
  };

  bool is_up(int port) const;

  const std::vector<LabMachine>& machines_;
  const LabTime& time_;
  std::map<DeviceId, Done> done_;
};

}  // namespace berth::demo
