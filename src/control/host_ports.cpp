#include "control/host_ports.hpp"

#include "core/ports.hpp"
#include "secrets/tokens.hpp"

namespace berth {
namespace {

constexpr auto kAvoidFor = std::chrono::minutes(10);

}  // namespace

void StrangersPorts::avoid(DeviceId did, int port) {
  until_[{did, port}] = clock_.steady() + kAvoidFor;
}

std::set<int> StrangersPorts::avoided(DeviceId did) {
  std::set<int> ports;
  std::erase_if(until_, [now = clock_.steady()](const auto& entry) { return entry.second <= now; });
  for (const auto& [key, until] : until_) {
    if (key.first == did) ports.insert(key.second);
  }
  return ports;
}

Result<> assign_host_ports(Transaction& tx, const DeviceRow& device, const std::set<int>& avoided,
                           std::vector<PortRow>& ports) {
  std::set<int> taken = avoided;
  for (int port : tx.used_ports(device.did)) taken.insert(port);
  auto picked =
      ports::pick(device.port_first, device.port_last, taken, ports.size(), secrets::random_u64);
  if (!picked) return std::unexpected(picked.error());
  for (std::size_t i = 0; i < ports.size(); ++i) ports[i].host_port = (*picked)[i];
  return ok();
}

}  // namespace berth
