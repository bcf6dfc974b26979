#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/client.hpp"

namespace berth::docker {

// Which 404 means that the thing itself is not there. The engine says 404 for a file in an archive
// or a network too, and what stands in front of it for anything: only its own words about our thing
// may end a container's row.
enum class Subject { kContainer, kImage, kNone };

// The error that an answer other than the expected one stands for. `action` is what was asked, as
// in "start the container".
Error refusal(const http::ClientResponse& response, std::string_view action, Subject subject);

}  // namespace berth::docker
