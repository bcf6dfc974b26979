#include "cli/check_devices.hpp"

#include "engine/endpoint.hpp"
#include "http/client_tls.hpp"

namespace berth::cli {
namespace {

std::unexpected<Error> refuse(const std::string& machine, const Error& error) {
  return fail(ErrorCode::kInvalid, machine + ": " + error.message);
}

Result<> check_this_machine(const std::string& docker_host) {
  auto endpoint = parse_endpoint(docker_host);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (is_local(*endpoint)) return ok();
  return fail(ErrorCode::kInvalid,
              "[device] is this machine, whose engine is reached over unix://; each other machine "
              "is a [[devices]]");
}

Result<> check_other(const Settings::OtherDevice& device) {
  auto endpoint = parse_endpoint(device.docker_host);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (auto r = check_secured(*endpoint, !device.certificates.empty()); !r) return r;
  if (device.certificates.empty()) return ok();
  auto loaded = http::load_client_tls(device.certificates);
  return loaded ? ok() : std::unexpected(loaded.error());
}

}  // namespace

Result<> check_devices(const Settings& settings) {
  if (auto r = check_this_machine(settings.device.docker_host); !r)
    return refuse("device.docker_host", r.error());
  for (const Settings::OtherDevice& device : settings.devices) {
    if (auto r = check_other(device); !r) return refuse("devices." + device.name, r.error());
  }
  return ok();
}

}  // namespace berth::cli
