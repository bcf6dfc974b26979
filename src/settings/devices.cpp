#include "settings/devices.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace berth {
namespace {

constexpr std::int64_t kFirstEphemeralPort = 32'768;
constexpr char kThisMachine[] = "local";

// One of the other machines, and where each of its settings stands.
class Checked {
 public:
  Checked(const Settings::OtherDevice& device, int item, const Origins& origins)
      : device_(device), item_(item), origins_(origins) {}

  Result<> has_all() const {
    for (const auto& [key, value] :
         {std::pair("name", &device_.name), std::pair("docker_host", &device_.docker_host),
          std::pair("ip", &device_.ip)}) {
      if (value->empty()) return refuse_key(key, "is needed for each of the [[devices]]");
    }
    return ok();
  }

  Result<> is_sound() const {
    if (device_.port_first > device_.port_last)
      return refuse_key("port_first", "must not be above port_last");
    const bool none = std::ranges::find(device_.gpus, "none") != device_.gpus.end();
    if (none && device_.gpus.size() > 1) return refuse_key("gpus", "\"none\" stands alone");
    const std::set<std::string> gpus(device_.gpus.begin(), device_.gpus.end());
    if (gpus.size() != device_.gpus.size()) return refuse_key("gpus", "each once");
    return ok();
  }

  std::unexpected<Error> refuse_key(const std::string& key, const std::string& why) const {
    std::string where = prefix(origins_, item_origin("devices." + key, item_));
    if (where.empty()) where = prefix(origins_, item_origin("devices", item_));
    return refuse(where, "devices." + key + ": " + why);
  }

 private:
  const Settings::OtherDevice& device_;
  int item_;
  const Origins& origins_;
};

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

Result<> check_devices(Settings& settings, const Origins& origins) {
  std::set<std::string> names{kThisMachine};
  std::set<std::string> engines{settings.device.docker_host};
  int item = 0;
  for (const Settings::OtherDevice& device : settings.devices) {
    const Checked checked(device, ++item, origins);
    if (auto r = checked.has_all(); !r) return r;
    if (auto r = checked.is_sound(); !r) return r;
    if (!names.insert(lower(device.name)).second)
      return checked.refuse_key("name", "another machine is called " + device.name);
    if (!engines.insert(device.docker_host).second)
      return checked.refuse_key("docker_host", "another machine has this engine");
    warn_of_ports("devices." + device.name + ".port_last", device.port_last, settings.warnings);
  }
  return ok();
}

void warn_of_ports(const std::string& key, std::int64_t last, std::vector<std::string>& warnings) {
  if (last < kFirstEphemeralPort) return;
  warnings.push_back(key +
                     ": ports from 32768 on are also handed to outgoing connections; a start "
                     "may find one taken");
}

}  // namespace berth
