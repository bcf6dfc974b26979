#pragma once

#include <boost/asio/thread_pool.hpp>

#include "host/cgroup_sampler.hpp"
#include "host/data_folders.hpp"
#include "host/host.hpp"

namespace berth {

// The machine that this process runs on.
class SystemHost final : public Host {
 public:
  // `matlab_owner`: whom the image of a MATLAB session runs as.
  explicit SystemHost(FolderOwner matlab_owner = {1000, 1000}) : matlab_owner_(matlab_owner) {}

  Result<> make_workspace_folder(const std::string& data_dir, const std::string& folder) override;
  Result<> check_workspace_unused(const std::string& data_dir, const std::string& folder) override;
  Result<> make_matlab_folders(const std::string& root, int slot) override;
  std::optional<EngineStats> read_counters(std::int64_t pid) override;
  std::set<int> listening_ports() override;
  std::optional<MachineCounters> read_machine(DeviceId did) override;
  Task<Result<std::vector<GpuLoad>>> read_gpus() override;
  Task<bool> answers_http(std::string ip, int port) override;
  Task<bool> answers_websocket(std::string ip, int port) override;
  Task<bool> answers_ssh(std::string ip, int port) override;

 private:
  FolderOwner matlab_owner_;
  CgroupSampler sampler_;
  boost::asio::thread_pool gpu_thread_{1};  // nvidia-smi takes its time
};

}  // namespace berth
