#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "control/naming.hpp"
#include "engine/engine.hpp"
#include "store/store.hpp"

namespace berth {

// What workspaces and MATLAB sessions look like on an engine; the same for every container of a
// kind.
struct ContainerShape {
  std::int64_t workspace_shm_mb = 1024;
  int pids = 1024;
  std::string publish_ip;  // workspaces: the address ports are published on; empty = all
  std::string matlab_image;
  std::string matlab_publish_ip = "127.0.0.1";
  std::int64_t matlab_shm_mb = 4096;
  std::string matlab_data_root;       // .../user_N is mounted at /home/matlab/shared
  std::string matlab_license_server;  // MLM_LICENSE_FILE; empty = none
};

// Rows a spec is made from, read in one transaction.
struct SpecRows {
  ContainerRow container;
  DeviceRow device;
  std::string image;  // engine reference of its image, or of the hidden one it is rebuilt from
  std::vector<std::string> gpu_uuids;
  bool is_here = true;  // on the machine that Berth runs on, where its folders are made by Berth
};

inline constexpr char kWorkspaceFolder[] = "/workspace";  // in the container

ContainerSpec make_spec(const SpecRows& rows, const Naming& naming, const ContainerShape& shape,
                        int generation);

// The ports inside: SSH, Jupyter, TensorBoard; HTTP and WebSocket of a MATLAB session.
inline constexpr int kSshPort = 22;
inline constexpr int kJupyterPort = 8888;
inline constexpr int kTensorboardPort = 6006;
inline constexpr int kMatlabHttpPort = 8888;
inline constexpr int kMatlabWsPort = 8889;

// The published port for `container_port`, or 0.
int host_port(const ContainerRow& row, int container_port);

}  // namespace berth
