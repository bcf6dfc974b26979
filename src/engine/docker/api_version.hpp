#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace berth::docker {

struct ApiVersion {
  int major = 0;
  int minor = 0;
  auto operator<=>(const ApiVersion&) const = default;
};

inline constexpr ApiVersion kOldestApi{1, 40};  // Docker 19.03: DeviceRequests
inline constexpr ApiVersion kOurApi{1, 41};  // Docker 20.10: what we are written and tested against

std::optional<ApiVersion> parse_api_version(std::string_view text);
std::string to_string(ApiVersion version);

// The version to speak with an engine that offers `oldest` to `newest`: ours, or the nearest to it
// that it has. kRefused: it is too old.
Result<ApiVersion> choose_api(ApiVersion newest, ApiVersion oldest);

}  // namespace berth::docker
