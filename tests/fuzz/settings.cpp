// A configuration file, and behind a line "---" variables of the environment: refused with its
// place and reason, or within every rule and the same when it is written out and read again.
#include "settings/settings.hpp"

#include <algorithm>

#include "fuzz.hpp"
#include "settings/address.hpp"
#include "settings/table.hpp"

namespace berth::fuzz {
namespace {

std::string toml_text(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, c);
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      constexpr char kDigits[] = "0123456789abcdef";
      out.append("\\u00").append(1, kDigits[c >> 4]).append(1, kDigits[c & 15]);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

struct Write {
  std::string operator()(bool* value) const { return *value ? "true" : "false"; }
  std::string operator()(std::int64_t* value) const { return std::to_string(*value); }
  std::string operator()(std::string* value) const { return toml_text(*value); }
  std::string operator()(std::vector<std::string>* values) const {
    std::string list = "[";
    for (const std::string& one : *values) list += toml_text(one) + ",";
    return list + "]";
  }
};

std::string write_out(Settings settings) {
  std::string text;
  std::string_view section;
  for (const SettingKey& key : setting_keys()) {
    if (key.section != section) text += "[" + std::string(key.section) + "]\n";
    section = key.section;
    text += std::string(key.name) + " = " + std::visit(Write{}, key.slot(settings)) + "\n";
  }
  const std::vector<Settings::OtherDevice> all = settings.devices;
  settings.devices.clear();
  for (const Settings::OtherDevice& device : all) {
    settings.devices.push_back(device);
    text += "[[devices]]\n";
    for (const SettingKey& key : device_setting_keys())
      text += std::string(key.name) + " = " + std::visit(Write{}, key.slot(settings)) + "\n";
  }
  return text;
}

void check_rules(Settings settings) {
  for (const Settings::OtherDevice& device : settings.devices) {
    require(!device.name.empty() && !device.docker_host.empty() && !device.ip.empty(), "needed");
    require(device.port_first <= device.port_last, "a range of ports");
    require(device.data_dir.starts_with('/'), "an absolute path");
  }
  for (const SettingKey& key : setting_keys()) {
    const SettingSlot slot = key.slot(settings);
    if (const auto* number = std::get_if<std::int64_t*>(&slot))
      require(**number >= key.min && **number <= key.max, key.dotted());
    if (const auto* list = std::get_if<std::vector<std::string>*>(&slot))
      require(std::ranges::all_of(**list, key.is_valid), key.dotted());
  }
  require(settings.device.port_first <= settings.device.port_last, "a range of ports");
  require(settings.device.data_dir.starts_with('/') && settings.state_dir.starts_with('/') &&
              settings.matlab.data_root.starts_with('/'),
          "absolute paths");
  const auto listen = parse_listen_address(settings.matlab.listen);
  require(listen.has_value(), "an address");
  require(!settings.matlab.enabled || is_loopback_address(listen->ip) ||
              !settings.matlab.tokens.empty() || settings.matlab.allow_open,
          "open to all only by the plain word");
}

Surroundings read_variables(std::string_view text) {
  Surroundings surroundings{.home = "/root", .is_root = true};
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t equals = std::min(line.find('='), line.size());
    surroundings.environment.emplace(line.substr(0, equals),
                                     line.substr(std::min(equals + 1, line.size())));
  }
  return surroundings;
}

void check(std::string_view input) {
  const std::size_t cut = std::min(input.find("\n---\n"), input.size());
  const std::string_view text = input.substr(0, cut);
  const auto settings =
      parse_settings(text, "f.toml", read_variables(input.substr(std::min(cut + 5, input.size()))));
  if (!settings) {
    const std::string& why = settings.error().message;
    require(settings.error().code == ErrorCode::kInvalid, "a refusal");
    require(
        why.starts_with("f.toml:") || why.starts_with("BERTH_") || why.starts_with("device.port_"),
        "a refusal names its place: " + why);
    return;
  }
  check_rules(*settings);
  const auto again =
      parse_settings(write_out(*settings), "f.toml", {.home = "/root", .is_root = true});
  require(again.has_value(), again ? "" : again.error().message);
  require(*again == *settings, "written out and read again");
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
