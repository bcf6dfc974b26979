#pragma once

#include <vector>

#include "api/v1/v1.hpp"
#include "settings/settings.hpp"

namespace berth::cli {

// The settings for admins to look at. Tokens are secrets: only how many there are.
std::vector<api::v1::ShownSetting> shown_settings(Settings settings);

}  // namespace berth::cli
