#pragma once

#include "settings/settings.hpp"

namespace berth::cli {

// Whether the engines in the settings can be reached the way that they are written, without asking
// any of them: addresses, what must be encrypted, certificates. kInvalid names the machine.
Result<> check_devices(const Settings& settings);

}  // namespace berth::cli
