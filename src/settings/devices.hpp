#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "settings/origins.hpp"
#include "settings/settings.hpp"

namespace berth {

// The rules of the other machines that look at more than one setting.
Result<> check_devices(Settings& settings, const Origins& origins);

// Ports that Linux hands to outgoing connections are allowed, but rarely meant.
void warn_of_ports(const std::string& key, std::int64_t last, std::vector<std::string>& warnings);

}  // namespace berth
