#pragma once

#include <string>

#include "base/result.hpp"
#include "engine/engine.hpp"

namespace berth::docker {

// The body of POST /containers/create. The only place that writes a HostConfig: what is not in here, no container gets.
// kInvalid where the engine would understand something else than was meant (0 CPUs or bytes are "unlimited" to it).
Result<std::string> create_body(const ContainerSpec& spec);

}  // namespace berth::docker
