#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace berth::memory {

// What both halves of the machine say and look at.
std::unexpected<Error> refused(std::string action, std::string details,
                               ErrorCode code = ErrorCode::kRefused);
// `wanted` is key or key=value.
bool has_label(const std::map<std::string, std::string>& labels, std::string_view wanted);

}  // namespace berth::memory
