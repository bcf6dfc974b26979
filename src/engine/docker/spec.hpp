#pragma once

#include <string>

#include "base/result.hpp"
#include "engine/engine.hpp"

namespace berth::docker {

// The body of POST /containers/create. The only place that writes a HostConfig: what is not in
// here, no container gets. kInvalid: see check_spec.
Result<std::string> create_body(const ContainerSpec& spec);

// The bodies of POST /containers/{id}/exec: for a process on a tty, which carries `mark` in its
// environment, and for what ends the process with that mark. No user, no privileges: the
// container's own.
std::string terminal_body(const TerminalSpec& spec, const std::string& mark);
std::string hang_up_body(const std::string& mark);

}  // namespace berth::docker
