#pragma once

#include <string>

#include "base/result.hpp"
#include "engine/engine.hpp"

namespace berth::docker {

// The body of POST /containers/create. The only place that writes a HostConfig: what is not in
// here, no container gets. kInvalid: see check_spec.
Result<std::string> create_body(const ContainerSpec& spec);

}  // namespace berth::docker
