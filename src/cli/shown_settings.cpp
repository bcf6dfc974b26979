#include "cli/shown_settings.hpp"

#include <concepts>
#include <string>
#include <type_traits>
#include <variant>

#include "settings/table.hpp"

namespace berth::cli {
namespace {

std::string setting_text(const SettingSlot& slot) {
  return std::visit(
      [](const auto* value) -> std::string {
        using Value = std::remove_cvref_t<decltype(*value)>;
        if constexpr (std::same_as<Value, std::string>) {
          return *value;
        } else if constexpr (std::same_as<Value, bool>) {
          return *value ? "true" : "false";
        } else if constexpr (std::same_as<Value, std::int64_t>) {
          return std::to_string(*value);
        } else {
          std::string joined;
          for (const std::string& one : *value) joined += (joined.empty() ? "" : ", ") + one;
          return joined;
        }
      },
      slot);
}

// `devices.NAME.ip` and so on, for each of the other machines.
void add_devices(Settings settings, std::vector<api::v1::ShownSetting>& shown) {
  const std::vector<Settings::OtherDevice> all = std::move(settings.devices);
  Settings defaults;
  defaults.devices.emplace_back();
  for (const Settings::OtherDevice& device : all) {
    settings.devices = {device};
    for (const SettingKey& key : device_setting_keys()) {
      if (key.name == "name") continue;
      shown.push_back({"devices." + device.name + "." + std::string(key.name),
                       setting_text(key.slot(settings)), setting_text(key.slot(defaults))});
    }
  }
}

}  // namespace

std::vector<api::v1::ShownSetting> shown_settings(Settings settings) {
  Settings defaults;
  std::vector<api::v1::ShownSetting> shown;
  for (const SettingKey& key : setting_keys()) {
    api::v1::ShownSetting one{key.dotted(), setting_text(key.slot(settings)),
                              setting_text(key.slot(defaults))};
    if (one.key == "matlab.tokens" && !one.value.empty()) {
      one.value = "(" + std::to_string(settings.matlab.tokens.size()) + " not shown)";
    }
    shown.push_back(std::move(one));
  }
  add_devices(std::move(settings), shown);
  return shown;
}

}  // namespace berth::cli
