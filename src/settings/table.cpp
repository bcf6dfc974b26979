#include "settings/table.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "settings/address.hpp"

namespace berth {
namespace {

constexpr std::size_t kTokenMin = 16;
constexpr std::size_t kDeviceName = 32;
constexpr std::size_t kGpuUuid = 40;
constexpr std::int64_t kMiB = limits::kMemoryMax;

bool is_plain(const std::string& text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c != 0x7F; });
}

bool is_path(const std::string& text) {
  const bool anchored = text.starts_with('/') || text == "~" || text.starts_with("~/");
  return anchored &&
         std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

bool is_path_or_empty(const std::string& text) { return text.empty() || is_path(text); }
bool is_listen(const std::string& text) { return parse_listen_address(text).has_value(); }
bool is_ip_or_empty(const std::string& text) { return text.empty() || is_ip_address(text); }
bool is_network(const std::string& text) { return parse_network(text).has_value(); }
bool is_word(const std::string& text) { return !text.empty() && is_plain(text); }
bool is_word_or_empty(const std::string& text) { return is_plain(text); }
bool is_token(const std::string& text) { return text.size() >= kTokenMin && is_plain(text); }
bool is_level(const std::string& text) {
  return text == "debug" || text == "info" || text == "warn" || text == "error";
}
bool is_registration(const std::string& text) { return text == "open" || text == "closed"; }

bool is_docker_host(const std::string& text) {
  return is_plain(text) &&
         (text.starts_with("unix:///") || text.starts_with("tcp://") || text.starts_with("ssh://"));
}

// On another machine: nobody's home is known there, and engines read a colon as the end of it.
bool is_path_there(const std::string& text) {
  return text.starts_with('/') && is_path(text) && text.find(':') == text.npos;
}
bool is_path_there_or_empty(const std::string& text) { return text.empty() || is_path_there(text); }

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_device_name(const std::string& text) {
  return !text.empty() && text.size() <= kDeviceName && is_letter_or_digit(text.front()) &&
         std::ranges::all_of(text, [](char c) {
           return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
         });
}

bool is_gpu_or_none(const std::string& text) {
  return text == "none" || (text.size() == kGpuUuid && text.starts_with("GPU-") &&
                            std::ranges::all_of(text.substr(4), [](char c) {
                              return is_letter_or_digit(c) || c == '-';
                            }));
}

bool is_name(const std::string& text) {
  const auto characters = count_code_points(text);
  return characters && *characters >= 1 && *characters <= limits::kNameCharacters;
}

constexpr std::string_view kListenRule =
    "an address and a port, such as 127.0.0.1:5000 or [::]:5000";
constexpr std::string_view kPathRule = "an absolute path, or one that begins with ~/";
constexpr std::string_view kPathOrEmptyRule = "empty, an absolute path, or one that begins with ~/";
constexpr std::string_view kIpOrEmptyRule = "empty or an IP address";
constexpr std::string_view kPathThereRule = "an absolute path over there, without a colon";
constexpr std::string_view kEngineRule = "an engine's address, such as unix:///var/run/docker.sock";
constexpr std::string_view kImageRule = "an image reference without spaces";

const SettingKey kKeys[] = {
    {"", "state_dir", [](Settings& s) -> SettingSlot { return &s.state_dir; }, 0, 0, is_path,
     kPathRule},
    {"", "log_level", [](Settings& s) -> SettingSlot { return &s.log_level; }, 0, 0, is_level,
     "debug, info, warn or error"},

    {"platform", "listen", [](Settings& s) -> SettingSlot { return &s.platform.listen; }, 0, 0,
     is_listen, kListenRule},
    {"platform", "legacy_lists",
     [](Settings& s) -> SettingSlot { return &s.platform.legacy_lists; }},
    {"platform", "registration",
     [](Settings& s) -> SettingSlot { return &s.platform.registration; }, 0, 0, is_registration,
     "open or closed"},
    {"platform", "password_min",
     [](Settings& s) -> SettingSlot { return &s.platform.password_min; }, 6, 128},
    {"platform", "session_days",
     [](Settings& s) -> SettingSlot { return &s.platform.session_days; }, 1, 365},
    {"platform", "tls_certificate",
     [](Settings& s) -> SettingSlot { return &s.platform.tls_certificate; }, 0, 0, is_path_or_empty,
     kPathOrEmptyRule},
    {"platform", "tls_key", [](Settings& s) -> SettingSlot { return &s.platform.tls_key; }, 0, 0,
     is_path_or_empty, kPathOrEmptyRule},

    {"matlab", "enabled", [](Settings& s) -> SettingSlot { return &s.matlab.enabled; }},
    {"matlab", "listen", [](Settings& s) -> SettingSlot { return &s.matlab.listen; }, 0, 0,
     is_listen, kListenRule},
    {"matlab", "image", [](Settings& s) -> SettingSlot { return &s.matlab.image; }, 0, 0, is_word,
     kImageRule},
    {"matlab", "data_root", [](Settings& s) -> SettingSlot { return &s.matlab.data_root; }, 0, 0,
     is_path, kPathRule},
    {"matlab", "cpu", [](Settings& s) -> SettingSlot { return &s.matlab.cpu; }, 1,
     limits::kCpuCores},
    {"matlab", "memory_mb", [](Settings& s) -> SettingSlot { return &s.matlab.memory_mb; },
     limits::kMemoryMin, kMiB},
    {"matlab", "shm_mb", [](Settings& s) -> SettingSlot { return &s.matlab.shm_mb; }, 1, kMiB},
    {"matlab", "max_creates", [](Settings& s) -> SettingSlot { return &s.matlab.max_creates; }, 1,
     limits::kMatlabSlots},
    {"matlab", "publish_ip", [](Settings& s) -> SettingSlot { return &s.matlab.publish_ip; }, 0, 0,
     is_ip_address, "an IP address"},
    {"matlab", "tokens", [](Settings& s) -> SettingSlot { return &s.matlab.tokens; }, 0, 0,
     is_token, "16 characters or more without spaces"},
    {"matlab", "allow", [](Settings& s) -> SettingSlot { return &s.matlab.allow; }, 0, 0,
     is_network, "a network, such as 10.0.0.0/8"},
    {"matlab", "allow_open", [](Settings& s) -> SettingSlot { return &s.matlab.allow_open; }},
    {"matlab", "license_server",
     [](Settings& s) -> SettingSlot { return &s.matlab.license_server; }, 0, 0, is_word_or_empty,
     "empty, or a value for MLM_LICENSE_FILE, such as 27000@licenses"},
    {"matlab", "tls_certificate",
     [](Settings& s) -> SettingSlot { return &s.matlab.tls_certificate; }, 0, 0, is_path_or_empty,
     kPathOrEmptyRule},
    {"matlab", "tls_key", [](Settings& s) -> SettingSlot { return &s.matlab.tls_key; }, 0, 0,
     is_path_or_empty, kPathOrEmptyRule},

    {"device", "docker_host", [](Settings& s) -> SettingSlot { return &s.device.docker_host; }, 0,
     0, is_docker_host, kEngineRule},
    {"device", "ip", [](Settings& s) -> SettingSlot { return &s.device.ip; }, 0, 0, is_word,
     "the address or name at which people reach this machine"},
    {"device", "publish_ip", [](Settings& s) -> SettingSlot { return &s.device.publish_ip; }, 0, 0,
     is_ip_or_empty, kIpOrEmptyRule},
    {"device", "data_dir", [](Settings& s) -> SettingSlot { return &s.device.data_dir; }, 0, 0,
     is_path_or_empty, kPathOrEmptyRule},
    {"device", "pub_dir", [](Settings& s) -> SettingSlot { return &s.device.pub_dir; }, 0, 0,
     is_path_or_empty, kPathOrEmptyRule},
    {"device", "port_first", [](Settings& s) -> SettingSlot { return &s.device.port_first; }, 1,
     65'535},
    {"device", "port_last", [](Settings& s) -> SettingSlot { return &s.device.port_last; }, 1,
     65'535},
    {"device", "reserve_cpu", [](Settings& s) -> SettingSlot { return &s.device.reserve_cpu; }, 0,
     limits::kCpuCores},
    {"device", "reserve_memory_mb",
     [](Settings& s) -> SettingSlot { return &s.device.reserve_memory_mb; }, 0, kMiB},
    {"device", "max_starts", [](Settings& s) -> SettingSlot { return &s.device.max_starts; }, 1,
     64},

    {"image", "workspace", [](Settings& s) -> SettingSlot { return &s.image.workspace; }, 0, 0,
     is_word, kImageRule},
    {"image", "workspace_name", [](Settings& s) -> SettingSlot { return &s.image.workspace_name; },
     0, 0, is_name, "1 to 64 characters"},

    {"limits", "pids", [](Settings& s) -> SettingSlot { return &s.limits.pids; }, 16, 4'194'304},
    {"limits", "shm_mb", [](Settings& s) -> SettingSlot { return &s.limits.shm_mb; }, 1, kMiB},
};

template <auto kMember>
SettingSlot of_last(Settings& s) {
  return &(s.devices.back().*kMember);
}

using Other = Settings::OtherDevice;
const SettingKey kDeviceKeys[] = {
    {"devices", "name", of_last<&Other::name>, 0, 0, is_device_name,
     "1 to 32 of letters, digits and . _ -, the first a letter or a digit"},
    {"devices", "docker_host", of_last<&Other::docker_host>, 0, 0, is_docker_host,
     "an engine's address, such as tcp://gpu2.lab:2376 or ssh://berth@gpu2.lab"},
    {"devices", "certificates", of_last<&Other::certificates>, 0, 0, is_path_or_empty,
     kPathOrEmptyRule},
    {"devices", "ip", of_last<&Other::ip>, 0, 0, is_word,
     "the address or name at which people reach that machine"},
    {"devices", "publish_ip", of_last<&Other::publish_ip>, 0, 0, is_ip_or_empty, kIpOrEmptyRule},
    {"devices", "data_dir", of_last<&Other::data_dir>, 0, 0, is_path_there, kPathThereRule},
    {"devices", "pub_dir", of_last<&Other::pub_dir>, 0, 0, is_path_there_or_empty, kPathThereRule},
    {"devices", "port_first", of_last<&Other::port_first>, 1, 65'535},
    {"devices", "port_last", of_last<&Other::port_last>, 1, 65'535},
    {"devices", "cpu_cores", of_last<&Other::cpu_cores>, 0, limits::kCpuCores},
    {"devices", "memory_mb", of_last<&Other::memory_mb>, 0, kMiB},
    {"devices", "reserve_cpu", of_last<&Other::reserve_cpu>, 0, limits::kCpuCores},
    {"devices", "reserve_memory_mb", of_last<&Other::reserve_memory_mb>, 0, kMiB},
    {"devices", "gpus", of_last<&Other::gpus>, 0, 0, is_gpu_or_none,
     "a GPU's UUID as nvidia-smi -L prints it, or \"none\""},
    {"devices", "max_starts", of_last<&Other::max_starts>, 1, 64},
};

void append_upper(std::string& to, std::string_view text) {
  for (char c : text) to += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace

std::string SettingKey::dotted() const {
  return section.empty() ? std::string(name) : std::string(section) + "." + std::string(name);
}

std::string SettingKey::environment() const {
  std::string variable = "BERTH_";
  append_upper(variable, section);
  if (!section.empty()) variable += '_';
  append_upper(variable, name);
  return variable;
}

std::span<const SettingKey> setting_keys() { return kKeys; }
std::span<const SettingKey> device_setting_keys() { return kDeviceKeys; }

}  // namespace berth
