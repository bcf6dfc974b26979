#pragma once

#include <map>
#include <string>

#include "base/result.hpp"

namespace berth {

// Where each setting that is not a default came from, by its dotted name, for messages.
using Origins = std::map<std::string, std::string>;

// Empty for a default.
inline std::string prefix(const Origins& origins, const std::string& key) {
  auto found = origins.find(key);
  return found == origins.end() ? std::string() : found->second;
}

// The name of a setting of one of several alike.
inline std::string item_origin(const std::string& key, int item) {
  return key + "#" + std::to_string(item);
}

inline std::unexpected<Error> refuse(const std::string& where, const std::string& why) {
  return fail(ErrorCode::kInvalid, where.empty() ? why : where + ": " + why);
}

}  // namespace berth
