#pragma once

#include <chrono>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace berth {

// Ports that a stranger was found on: passed over for a while. One thread.
class StrangersPorts {
 public:
  explicit StrangersPorts(Clock& clock) : clock_(clock) {}

  void avoid(DeviceId did, int port);
  std::set<int> avoided(DeviceId did);  // a copy, for use inside a transaction

 private:
  Clock& clock_;
  std::map<std::pair<DeviceId, int>, std::chrono::milliseconds> until_;
};

// Fills in the host port of each entry: at random within the device's range, free in its rows and
// not `avoided`. kExhausted when there are not enough. Runs inside the transaction that saves the
// row.
Result<> assign_host_ports(Transaction& tx, const DeviceRow& device, const std::set<int>& avoided,
                           std::vector<PortRow>& ports);

}  // namespace berth
