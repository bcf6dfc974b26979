#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace berth {

// "2025-10-13T10:30:00.123456789Z" or with "+08:00", as engines print it. Nothing for
// "0001-01-01T00:00:00Z" (never) and for anything else that is not a time after 1970.
std::optional<WallTime> parse_rfc3339(std::string_view text);

std::string format_rfc3339(WallTime at);     // 2025-10-13T10:30:00.123Z
std::string format_local_time(WallTime at);  // 2025-10-13 10:30:00, in this machine's time zone

}  // namespace berth
