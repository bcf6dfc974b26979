#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace berth {

// A number that names one kind of thing: swapping two kinds does not compile. Database ids start at
// 1 and are never used again; 0 is "none".
template <class Tag>
struct Id {
  std::int64_t value = 0;

  auto operator<=>(const Id&) const = default;
  explicit operator bool() const { return value != 0; }
};

using UserId = Id<struct UserTag>;
using DeviceId = Id<struct DeviceTag>;
using GpuId = Id<struct GpuTag>;
using ImageId = Id<struct ImageTag>;
using ContainerId = Id<struct ContainerTag>;
using ApiTokenId = Id<struct ApiTokenTag>;

}  // namespace berth

template <class Tag>
struct std::hash<berth::Id<Tag>> {
  std::size_t operator()(berth::Id<Tag> id) const noexcept {
    return std::hash<std::int64_t>{}(id.value);
  }
};
