#include "cli/control_rules.hpp"

#include <algorithm>

namespace berth::cli {
namespace {

ContainerShape make_shape(const Settings& settings) {
  return {.workspace_shm_mb = settings.limits.shm_mb,
          .pids = static_cast<int>(settings.limits.pids),
          .publish_ip = settings.device.publish_ip,
          .matlab_image = settings.matlab.image,
          .matlab_publish_ip = settings.matlab.publish_ip,
          .matlab_shm_mb = settings.matlab.shm_mb,
          .matlab_data_root = settings.matlab.data_root,
          .matlab_license_server = settings.matlab.license_server};
}

AccountRules make_account_rules(const Settings& settings) {
  return {.registration_open = settings.platform.registration == "open",
          .password_min = static_cast<std::size_t>(settings.platform.password_min),
          .session_life = std::chrono::hours(24 * settings.platform.session_days)};
}

// An address that a probe from this machine reaches a published port at.
std::string probe_ip(const std::string& publish_ip) {
  return publish_ip.empty() || publish_ip == "0.0.0.0" || publish_ip == "::" ? "127.0.0.1"
                                                                             : publish_ip;
}

MatlabRules make_matlab_rules(const Settings& settings, DeviceId device, int cores) {
  return {.device = device,
          .cpu_cores = std::min(static_cast<int>(settings.matlab.cpu),
                                cores),  // more than there are is refused
          .memory_mb = settings.matlab.memory_mb,
          .creates_at_once = static_cast<std::size_t>(settings.matlab.max_creates),
          .probe_ip = probe_ip(settings.matlab.publish_ip)};
}

}  // namespace

Control::Rules control_rules(const Settings& settings, std::string installation, DeviceId device,
                             int cores, std::vector<DeviceId> here) {
  return {.installation = std::move(installation),
          .shape = make_shape(settings),
          .accounts = make_account_rules(settings),
          .matlab = make_matlab_rules(settings, device, cores),
          .has_matlab = settings.matlab.enabled,
          .here = std::move(here),
          .probe_ip = probe_ip(settings.device.publish_ip)};
}

}  // namespace berth::cli
