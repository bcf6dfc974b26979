#pragma once

#include <cstdint>
#include <string>

#include "host/cgroup_sampler.hpp"
#include "host/host.hpp"

namespace berth {

// The Host of a real machine: its folders, its control groups, its loopback.
class LinuxHost final : public Host {
 public:
  Result<> make_workspace_folder(const std::string& data_dir, const std::string& folder) override;
  Result<> make_matlab_folders(const std::string& root, int slot) override;
  std::optional<EngineStats> read_counters(std::int64_t pid) override;
  Task<bool> answers_http(std::string ip, int port) override;
  Task<bool> answers_websocket(std::string ip, int port) override;

 private:
  CgroupSampler sampler_;
};

}  // namespace berth
