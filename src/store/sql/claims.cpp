#include <map>

#include "store/sql/session.hpp"
#include "store/sql/sql_transaction.hpp"

namespace berth::sql {
namespace {

struct HeldRow {
  ContainerId cid;
  Claim claim;
};

struct HeldGpu {
  ContainerId cid;
  GpuId gid;
};

std::vector<HeldRow> held_rows(Session& session, DeviceId did) {
  return session.rows<HeldRow>(
      "select cid, cpu_cores, memory_mb from containers where did = :did and holds = 1",
      [](HeldRow& h) { return std::tie(h.cid, h.claim.cpu_cores, h.claim.memory_mb); }, did);
}

std::vector<HeldGpu> held_gpus(Session& session, DeviceId did) {
  return session.rows<HeldGpu>(
      "select g.cid, g.gid from container_gpus g join containers c on c.cid = g.cid where c.did = "
      ":did and g.holds = 1",
      [](HeldGpu& h) { return std::tie(h.cid, h.gid); }, did);
}

Claim capacity_of(Session& session, const DeviceRow& device) {
  Claim capacity{device.cpu_cores, device.memory_mb, {}};
  auto gids = session.rows<GpuId>(
      "select gid from gpus where did = :did and present = 1",
      [](GpuId& gid) { return std::tie(gid); }, device.did);
  capacity.gpus.insert(gids.begin(), gids.end());
  return capacity;
}

}  // namespace

Ledger SqlTransaction::ledger(const DeviceRow& device) {
  std::map<ContainerId, Claim> claims;
  for (HeldRow& held : held_rows(session_, device.did))
    claims.emplace(held.cid, std::move(held.claim));
  for (const HeldGpu& held : held_gpus(session_, device.did))
    claims[held.cid].gpus.insert(held.gid);
  Ledger ledger(capacity_of(session_, device));
  for (const auto& [cid, claim] : claims) ledger.restore(cid, claim);
  return ledger;
}

}  // namespace berth::sql
