#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/engine.hpp"

namespace berth::docker {

// The body of GET /containers/{id}/logs with timestamps: frames of an eight-byte header (which
// stream, how long) and what was printed, or plain text for a container with a tty. Whatever the
// bytes, it gives lines; a frame that is cut off is taken as far as it goes.
Result<std::vector<EngineLogLine>> parse_logs(std::string_view body);

}  // namespace berth::docker
