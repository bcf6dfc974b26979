#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "control/driver.hpp"

namespace berth {

struct Driver::Look {
  ContainerRow row;
  DeviceRow device;
  std::string image;  // reference of its image
  std::vector<std::string> gpu_uuids;
  std::shared_ptr<Engine> engine;
  std::optional<ContainerSeen> current;  // the engine container of the row's generation
  std::optional<ContainerSeen> next;     // of the one after it
  bool name_taken = false;               // the name belongs to a container that is not ours
  Facts facts;

  SpecRows spec_rows(std::string base_image) const {
    return {row, device, std::move(base_image), gpu_uuids};
  }
};

struct Driver::Attempt {
  std::optional<Error> failure;  // what the caller is told once the row is consistent again
  int port_tries = 0;
  int lost_answers = 0;
  bool has_removed = false;  // the step before took the container away, in its engine's own word
  int waits = 0;             // for a busy engine; bounded by time, and no steps
  std::optional<std::chrono::milliseconds> busy_since;

  Result<> outcome() const {
    if (failure) return std::unexpected(*failure);
    return ok();
  }
};

}  // namespace berth
