#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "settings/settings.hpp"

namespace berth {

using SettingSlot = std::variant<bool*, std::int64_t*, std::string*, std::vector<std::string>*>;

// One setting: its names in the file and in the environment, where it is kept, and its rule.
struct SettingKey {
  std::string_view section;  // empty = before the first [section]
  std::string_view name;
  SettingSlot (*slot)(Settings&);
  std::int64_t min = 0;  // of a whole number
  std::int64_t max = 0;
  bool (*is_valid)(const std::string&) = nullptr;  // of a text, or of each in a list
  std::string_view rule;                           // after "must be"

  std::string dotted() const;       // platform.listen
  std::string environment() const;  // BERTH_PLATFORM_LISTEN
};

std::span<const SettingKey> setting_keys();
// Of one of `devices`: the slots are those of the last one. None has a variable.
std::span<const SettingKey> device_setting_keys();

}  // namespace berth
