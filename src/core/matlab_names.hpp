#pragma once

#include <optional>
#include <string>
#include <string_view>

// What follows from the number of a MATLAB user: the contract fixes it all.
namespace berth::matlab_names {

inline constexpr int kSlots = 100;

// "matlab-user-7" for 7. `user` is 1 to kSlots here and below.
std::string container_id(int user);

// The user of exactly such an id: ASCII digits without leading zeros, 1 to kSlots, nothing after
// them.
std::optional<int> parse_container_id(std::string_view text);

int http_port(int user);
int ws_port(int user);

}  // namespace berth::matlab_names
