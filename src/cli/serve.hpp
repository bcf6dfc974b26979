#pragma once

#include "settings/settings.hpp"

namespace berth::cli {

// Builds the concrete parts, serves until SIGTERM or SIGINT, and lets requests in flight finish.
// The process's exit code: 0, or 1 when it could not start (the reason is on standard error).
// `with_guide` adds, for a person at a terminal, what to do first.
int serve(const Settings& settings, bool with_guide);

}  // namespace berth::cli
