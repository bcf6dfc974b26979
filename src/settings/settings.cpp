#include "settings/settings.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "settings/address.hpp"
#include "settings/devices.hpp"
#include "settings/origins.hpp"
#include "settings/table.hpp"
#include "settings/toml_file.hpp"

extern char** environ;

namespace berth {
namespace {

constexpr std::size_t kFileBytes = 1024 * 1024;
// The rules of one setting, applied to a value of any type. Gives what is wrong, or nothing.
class Assign {
 public:
  Assign(const SettingKey& key, const SettingValue& value) : key_(key), value_(value) {}

  std::string operator()(bool* slot) const {
    const auto* value = std::get_if<bool>(&value_);
    if (value == nullptr) return "must be true or false";
    *slot = *value;
    return {};
  }

  std::string operator()(std::int64_t* slot) const {
    const auto* value = std::get_if<std::int64_t>(&value_);
    if (value == nullptr || *value < key_.min || *value > key_.max) {
      return "must be a whole number between " + std::to_string(key_.min) + " and " +
             std::to_string(key_.max);
    }
    *slot = *value;
    return {};
  }

  std::string operator()(std::string* slot) const {
    const auto* value = std::get_if<std::string>(&value_);
    if (value == nullptr) return "must be a text in quotes: " + std::string(key_.rule);
    if (!key_.is_valid(*value)) return "must be " + std::string(key_.rule);
    *slot = *value;
    return {};
  }

  std::string operator()(std::vector<std::string>* slot) const {
    const auto* values = std::get_if<std::vector<std::string>>(&value_);
    if (values == nullptr) return "must be a list of texts";
    if (!std::ranges::all_of(*values, key_.is_valid))
      return "each must be " + std::string(key_.rule);
    *slot = *values;
    return {};
  }

 private:
  const SettingKey& key_;
  const SettingValue& value_;
};

Result<> apply_line(const SettingLine& line, Settings& settings) {
  const auto keys = line.item > 0 ? device_setting_keys() : setting_keys();
  auto key =
      std::ranges::find_if(keys, [&](const SettingKey& k) { return k.dotted() == line.key; });
  if (key == keys.end()) {
    const bool is_single = line.item == 0 && (line.key + ".").starts_with("devices.");
    return refuse(line.where, line.key + (is_single ? ": each machine is a [[devices]] of its own"
                                                    : ": there is no such setting"));
  }
  const std::string fault = std::visit(Assign(*key, line.value), key->slot(settings));
  return fault.empty() ? ok() : refuse(line.where, line.key + ": " + fault);
}

Result<> apply_file(const std::vector<SettingLine>& lines, Settings& settings, Origins& origins) {
  for (const SettingLine& line : lines) {
    if (line.item > 0 && line.key == "devices") {
      if (settings.devices.size() == limits::kOtherDevices)
        return refuse(line.where, "devices: no more than 32 machines");
      settings.devices.emplace_back();
    } else if (auto r = apply_line(line, settings); !r) {
      return r;
    }
    origins[line.item == 0 ? line.key : item_origin(line.key, line.item)] = line.where;
  }
  return ok();
}

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::size_t first = std::min(text.find_first_not_of(' ', begin), end);
    std::size_t last = end;
    while (last > first && text[last - 1] == ' ') --last;
    if (last > first) parts.push_back(text.substr(first, last - first));
    begin = end + 1;
  }
  return parts;
}

// A variable's text as the type that its setting has; what cannot be one stays a text and is
// refused as such.
SettingValue read_variable(const SettingSlot& slot, const std::string& text) {
  if (std::holds_alternative<std::vector<std::string>*>(slot)) return split_at_commas(text);
  if (std::holds_alternative<bool*>(slot)) {
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
  }
  if (std::holds_alternative<std::int64_t*>(slot)) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
  }
  return text;
}

Result<> apply_variable(const SettingKey& key, const std::string& variable, const std::string& text,
                        Settings& settings, Origins& origins) {
  if (!count_code_points(text)) return refuse(variable, "must be UTF-8");
  const SettingSlot slot = key.slot(settings);
  const std::string fault = std::visit(Assign(key, read_variable(slot, text)), slot);
  if (!fault.empty()) return refuse(variable, fault);
  origins[key.dotted()] = variable;
  return ok();
}

// A slip in a variable's name must not go unseen; but BERTH_SOMETHING of other programs is none of
// our business.
Result<> find_unknown_variable(const std::map<std::string, std::string>& environment) {
  for (const auto& [variable, value] : environment) {
    if (variable.starts_with("BERTH_DEVICES_"))
      return refuse(variable, "other machines are set in the file, each as a [[devices]]");
    bool is_of_a_section = false;
    bool is_known = false;
    for (const SettingKey& key : setting_keys()) {
      const std::string ours = key.environment();
      is_known |= variable == ours;
      is_of_a_section |= !key.section.empty() &&
                         variable.starts_with(ours.substr(0, ours.size() - key.name.size()));
    }
    if (is_of_a_section && !is_known) return refuse(variable, "there is no such setting");
  }
  return ok();
}

Result<> apply_environment(const std::map<std::string, std::string>& environment,
                           Settings& settings, Origins& origins) {
  if (auto r = find_unknown_variable(environment); !r) return r;
  for (const SettingKey& key : setting_keys()) {
    std::vector<std::string> names{key.environment()};
    if (key.dotted() == "device.docker_host") names.insert(names.begin(), "BERTH_DOCKER_HOST");
    for (const std::string& name : names) {
      auto found = environment.find(name);
      if (found == environment.end()) continue;
      if (auto r = apply_variable(key, name, found->second, settings, origins); !r) return r;
    }
  }
  return ok();
}

std::string default_state_dir(const Surroundings& surroundings) {
  if (surroundings.is_root) return "/var/lib/berth";
  auto found = surroundings.environment.find("XDG_STATE_HOME");
  const bool is_set = found != surroundings.environment.end() && found->second.starts_with('/');
  return (is_set ? found->second : surroundings.home + "/.local/state") + "/berth";
}

void expand_home(std::string& path, const std::string& home) {
  if (path == "~" || path.starts_with("~/")) path = home + path.substr(1);
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
}

void complete(Settings& s, const std::string& home) {
  for (std::string* path : {&s.state_dir, &s.matlab.data_root, &s.device.data_dir,
                            &s.device.pub_dir, &s.platform.tls_certificate, &s.platform.tls_key,
                            &s.matlab.tls_certificate, &s.matlab.tls_key}) {
    expand_home(*path, home);
  }
  if (s.device.data_dir.empty()) s.device.data_dir = s.state_dir + "/data";
  if (s.device.publish_ip.empty())
    s.device.publish_ip = is_ip_address(s.device.ip) ? s.device.ip : "0.0.0.0";
  for (Settings::OtherDevice& device : s.devices) {
    expand_home(device.certificates, home);
    if (device.publish_ip.empty())
      device.publish_ip = is_ip_address(device.ip) ? device.ip : "0.0.0.0";
  }
}

Result<> check_tls(const std::string& section, const std::string& certificate,
                   const std::string& key, const Origins& origins) {
  if (certificate.empty() == key.empty()) return ok();
  const std::string set = section + (key.empty() ? ".tls_certificate" : ".tls_key");
  return refuse(prefix(origins, set),
                section + ".tls_certificate and " + section + ".tls_key go together");
}

// The rules that look at more than one setting.
Result<> check_together(Settings& s, const Origins& origins) {
  if (auto r = check_tls("platform", s.platform.tls_certificate, s.platform.tls_key, origins); !r)
    return r;
  if (auto r = check_tls("matlab", s.matlab.tls_certificate, s.matlab.tls_key, origins); !r)
    return r;
  if (s.device.port_first > s.device.port_last) {
    return refuse(prefix(origins, origins.contains("device.port_first") ? "device.port_first"
                                                                        : "device.port_last"),
                  "device.port_first must not be above device.port_last");
  }
  warn_of_ports("device.port_last", s.device.port_last, s.warnings);
  if (auto r = check_devices(s, origins); !r) return r;
  const bool is_open = s.matlab.enabled && s.matlab.tokens.empty() &&
                       !is_loopback_address(parse_listen_address(s.matlab.listen)->ip);
  if (is_open && !s.matlab.allow_open) {
    return refuse(prefix(origins, "matlab.listen"),
                  "matlab.listen: " + s.matlab.listen +
                      " can be reached from other machines and anybody could start sessions: set "
                      "matlab.tokens, or "
                      "matlab.allow_open = true if that is what you want");
  }
  if (is_open)
    s.warnings.push_back("matlab.allow_open: whoever reaches " + s.matlab.listen +
                         " may start and end sessions");
  return ok();
}

// Tokens that stand in the file are secrets.
Result<> check_readers(const std::filesystem::path& file, const Settings& settings,
                       const Origins& origins) {
  const bool has_tokens =
      !settings.matlab.tokens.empty() && !prefix(origins, "matlab.tokens").starts_with("BERTH_");
  struct stat status{};
  if (!has_tokens || ::stat(file.c_str(), &status) != 0 || (status.st_mode & S_IROTH) == 0)
    return ok();
  return refuse(prefix(origins, "matlab.tokens"),
                "everybody on this machine may read the tokens; take that away with chmod o-r " +
                    file.string());
}

Result<Settings> parse(std::string_view text, const std::string& file,
                       const Surroundings& surroundings, Origins& origins) {
  Settings settings;
  settings.state_dir = default_state_dir(surroundings);
  auto lines = read_setting_lines(text, file);
  if (!lines) return std::unexpected(lines.error());
  if (auto r = apply_file(*lines, settings, origins); !r) return std::unexpected(r.error());
  if (auto r = apply_environment(surroundings.environment, settings, origins); !r)
    return std::unexpected(r.error());
  complete(settings, surroundings.home);
  if (auto r = check_together(settings, origins); !r) return std::unexpected(r.error());
  return settings;
}

}  // namespace

Surroundings read_surroundings() {
  Surroundings surroundings{.is_root = ::geteuid() == 0};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != text.npos)
      surroundings.environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  auto home = surroundings.environment.find("HOME");
  if (home != surroundings.environment.end() && home->second.starts_with('/')) {
    surroundings.home = home->second;
  } else if (const passwd* user = ::getpwuid(::geteuid()); user != nullptr) {
    surroundings.home = user->pw_dir;
  }
  return surroundings;
}

Result<Settings> parse_settings(std::string_view text, const std::string& file,
                                const Surroundings& surroundings) {
  Origins origins;
  return parse(text, file, surroundings, origins);
}

Result<Settings> load_settings(const std::optional<std::filesystem::path>& file,
                               const Surroundings& surroundings) {
  if (!file) return parse_settings("", "", surroundings);
  std::ifstream stream(*file, std::ios::binary);
  if (!stream || std::filesystem::is_directory(*file))
    return refuse(file->string(), std::strerror(errno));
  std::string text(kFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kFileBytes) return refuse(file->string(), "is larger than 1 MiB");
  Origins origins;
  auto settings = parse(text, file->filename().string(), surroundings, origins);
  if (!settings) return settings;
  if (auto r = check_readers(*file, *settings, origins); !r) return std::unexpected(r.error());
  return settings;
}

}  // namespace berth
