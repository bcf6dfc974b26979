#include "control/spec_maker.hpp"

#include <cassert>

namespace berth {
namespace {

void publish(ContainerSpec& spec, const ContainerRow& row, const std::string& ip) {
  for (const PortRow& port : row.ports)
    spec.ports.push_back({port.container_port, port.host_port, ip});
}

void shape_workspace(ContainerSpec& spec, const SpecRows& rows, const Naming& naming,
                     const ContainerShape& shape) {
  const std::string instance = naming.data_folder(rows.container.cid);
  spec.hostname = "berth-" + std::to_string(rows.container.cid.value);
  spec.env = {{"BERTH_INSTANCE", instance}};
  spec.mounts = {{.host_path = rows.device.data_dir + "/" + instance,
                  .container_path = kWorkspaceFolder,
                  .make_missing = !rows.is_here}};
  if (!rows.device.pub_dir.empty()) spec.mounts.push_back({rows.device.pub_dir, "/pub_data", true});
  spec.shm_mb = shape.workspace_shm_mb;
  publish(spec, rows.container, shape.publish_ip);
}

void shape_matlab(ContainerSpec& spec, const SpecRows& rows, const ContainerShape& shape) {
  const std::string user = std::to_string(rows.container.slot);
  spec.hostname = spec.name;
  spec.env = {{"BERTH_MATLAB_USER", user}};
  if (!shape.matlab_license_server.empty())
    spec.env.push_back({"MLM_LICENSE_FILE", shape.matlab_license_server});
  spec.mounts = {{shape.matlab_data_root + "/user_" + user, "/home/matlab/shared", false}};
  spec.shm_mb = shape.matlab_shm_mb;
  spec.minimal_capabilities = true;
  publish(spec, rows.container, shape.matlab_publish_ip);
}

}  // namespace

ContainerSpec make_spec(const SpecRows& rows, const Naming& naming, const ContainerShape& shape,
                        int generation) {
  const ContainerRow& row = rows.container;
  assert(row.cpu_cores >= 1 && row.memory_mb >= 64);
  assert(rows.gpu_uuids.size() == row.gpus.size());
  ContainerSpec spec{.name = naming.container(row, generation), .image = rows.image};
  spec.labels = naming.labels(row, generation);
  spec.gpu_uuids = rows.gpu_uuids;
  spec.cpu_cores = row.cpu_cores;
  spec.memory_mb = row.memory_mb;
  spec.pids = shape.pids;
  if (row.kind == ContainerKind::kMatlab) {
    shape_matlab(spec, rows, shape);
  } else {
    shape_workspace(spec, rows, naming, shape);
  }
  return spec;
}

int host_port(const ContainerRow& row, int container_port) {
  for (const PortRow& port : row.ports) {
    if (port.container_port == container_port) return port.host_port;
  }
  return 0;
}

}  // namespace berth
