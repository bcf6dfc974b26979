#pragma once

#include <string>

#include "control/control.hpp"
#include "settings/settings.hpp"

namespace berth::cli {

// What the settings say, in the words of control/. MATLAB sessions run on `device`, which has so
// many `cores`; `here` are the devices whose figures can be read.
Control::Rules control_rules(const Settings& settings, std::string installation, DeviceId device,
                             int cores, std::vector<DeviceId> here);

}  // namespace berth::cli
