#include "store/sql/session.hpp"
#include "store/sql/sql_transaction.hpp"

namespace berth::sql {
namespace {

constexpr Literal kDevice =
    "select did, name, endpoint, engine_id, cpu_cores, memory_mb, cpu_name, ip, data_dir, pub_dir, "
    "port_first, port_last, draining from devices ";
constexpr auto kDeviceByDid = kDevice + "where did = :did";
constexpr auto kDevices = kDevice + "order by did limit :most";

constexpr Literal kGpu = "select gid, did, uuid, model, present from gpus ";
constexpr auto kGpuByGid = kGpu + "where gid = :gid";
constexpr auto kGpusOfDevice = kGpu + "where did = :did order by gid";

auto device_columns(DeviceRow& d) {
  return std::tie(d.did, d.name, d.endpoint, d.engine_id, d.cpu_cores, d.memory_mb, d.cpu_name,
                  d.ip, d.data_dir, d.pub_dir, d.port_first, d.port_last, d.draining);
}

auto gpu_columns(GpuRow& g) { return std::tie(g.gid, g.did, g.uuid, g.model, g.present); }

}  // namespace

DeviceId SqlTransaction::insert_device(const DeviceRow& d) {
  return *session_.value<DeviceId>(
      "insert into devices (name, endpoint, engine_id, cpu_cores, memory_mb, cpu_name, ip, "
      "data_dir, pub_dir, "
      "port_first, port_last, draining) values (:name, :endpoint, :engine_id, :cpu_cores, "
      ":memory_mb, :cpu_name, :ip, :data_dir, :pub_dir, :port_first, :port_last, :draining) "
      "returning did",
      d.name, d.endpoint, d.engine_id, d.cpu_cores, d.memory_mb, d.cpu_name, d.ip, d.data_dir,
      d.pub_dir, d.port_first, d.port_last, d.draining);
}

std::optional<DeviceRow> SqlTransaction::device(DeviceId did) {
  return session_.row<DeviceRow>(kDeviceByDid, device_columns, did);
}

std::vector<DeviceRow> SqlTransaction::devices(std::size_t limit) {
  return session_.rows<DeviceRow>(kDevices, device_columns, limit);
}

void SqlTransaction::update_device(const DeviceRow& d) {
  session_.run(
      "update devices set name = :name, endpoint = :endpoint, engine_id = :engine_id, cpu_cores = "
      ":cpu_cores, "
      "memory_mb = :memory_mb, cpu_name = :cpu_name, ip = :ip, data_dir = :data_dir, pub_dir = "
      ":pub_dir, "
      "port_first = :port_first, port_last = :port_last, draining = :draining where did = :did",
      d.name, d.endpoint, d.engine_id, d.cpu_cores, d.memory_mb, d.cpu_name, d.ip, d.data_dir,
      d.pub_dir, d.port_first, d.port_last, d.draining, d.did);
}

std::vector<GpuRow> SqlTransaction::gpus(DeviceId did) {
  return session_.rows<GpuRow>(kGpusOfDevice, gpu_columns, did);
}

std::optional<GpuRow> SqlTransaction::gpu(GpuId gid) {
  return session_.row<GpuRow>(kGpuByGid, gpu_columns, gid);
}

GpuId SqlTransaction::put_gpu(const GpuRow& g) {
  return *session_.value<GpuId>(
      "insert into gpus (did, uuid, model, present) values (:did, :uuid, :model, :present) "
      "on conflict (did, uuid) do update set model = excluded.model, present = excluded.present "
      "returning gid",
      g.did, g.uuid, g.model, g.present);
}

}  // namespace berth::sql
