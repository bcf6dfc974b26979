#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace berth {

// Everything that can be set, with the values it has when nobody sets it. deploy/berth.toml
// explains each; the names are the same there. A text that is empty by default means "none", or
// what its comment says.
struct Settings {
  std::string state_dir;  // /var/lib/berth; for anybody but root $XDG_STATE_HOME/berth
  std::string log_level = "info";

  struct Platform {
    std::string listen = "127.0.0.1:5000";
    bool legacy_lists = false;
    std::string registration = "open";
    std::int64_t password_min = 6;
    std::int64_t session_days = 7;
    std::string tls_certificate;
    std::string tls_key;
    bool operator==(const Platform&) const = default;
  } platform;

  struct Matlab {
    bool enabled = true;
    std::string listen = "127.0.0.1:8080";
    std::string image = "berth/octave:latest";
    std::string data_root = "~/matlab_data";  // absolute once loaded
    std::int64_t cpu = 2;
    std::int64_t memory_mb = 4096;
    std::int64_t shm_mb = 4096;
    std::int64_t max_creates = 10;
    std::string publish_ip = "127.0.0.1";
    std::vector<std::string> tokens;
    std::vector<std::string> allow;  // networks, as 10.0.0.0/8
    bool allow_open = false;
    std::string license_server;
    std::string tls_certificate;
    std::string tls_key;
    bool operator==(const Matlab&) const = default;
  } matlab;

  struct Device {
    std::string docker_host = "unix:///var/run/docker.sock";
    std::string ip = "127.0.0.1";
    std::string publish_ip;  // once loaded: `ip` when that is an address, else 0.0.0.0
    std::string data_dir;    // once loaded: state_dir/data
    std::string pub_dir;
    std::int64_t port_first = 6000;
    std::int64_t port_last = 8000;
    std::int64_t reserve_cpu = 0;
    std::int64_t reserve_memory_mb = 0;
    std::int64_t max_starts = 8;
    bool operator==(const Device&) const = default;
  } device;

  // A machine beside this one.
  struct OtherDevice {
    std::string name;  // its row's key, for ever
    std::string docker_host;
    std::string certificates;  // folder with ca.pem, cert.pem, key.pem, for tcp://
    std::string ip;
    std::string publish_ip;  // once loaded: as for Device
    std::string data_dir = "/var/lib/berth/data";
    std::string pub_dir;
    std::int64_t port_first = 6000;
    std::int64_t port_last = 8000;
    std::int64_t cpu_cores = 0;  // 0: what its engine says, less reserve_cpu; memory likewise
    std::int64_t memory_mb = 0;
    std::int64_t reserve_cpu = 0;
    std::int64_t reserve_memory_mb = 0;
    std::vector<std::string> gpus;  // UUIDs; empty: those that are found; "none": none
    std::int64_t max_starts = 8;
    bool operator==(const OtherDevice&) const = default;
  };
  std::vector<OtherDevice> devices;

  struct Image {
    std::string workspace = "berth/workspace:latest";
    std::string workspace_name = "workspace";
    bool operator==(const Image&) const = default;
  } image;

  struct Limits {
    std::int64_t pids = 1024;
    std::int64_t shm_mb = 1024;
    bool operator==(const Limits&) const = default;
  } limits;

  // What is allowed but probably not meant, to be logged at start.
  std::vector<std::string> warnings;

  bool operator==(const Settings&) const = default;
};

// What the defaults depend on, handed in so that loading is a plain function.
struct Surroundings {
  std::map<std::string, std::string> environment;
  std::string home;  // of whom the program runs as; "~" stands for it
  bool is_root = false;
};

// Of this process.
Surroundings read_surroundings();

// Defaults, then the TOML `text` (`file` is how messages call it), then BERTH_<SECTION>_<KEY> of
// the environment, such as BERTH_PLATFORM_LISTEN; lists are split at commas. BERTH_DOCKER_HOST is
// short for BERTH_DEVICE_DOCKER_HOST; `[[devices]]` stands in the file only. kInvalid for the first
// key that is not known, has the wrong type or breaks a rule, as `berth.toml:12: platform.listen:
// must be ...`.
Result<Settings> parse_settings(std::string_view text, const std::string& file,
                                const Surroundings& surroundings);

// The same from a file, or from none. A file that holds tokens must not be readable by everybody.
Result<Settings> load_settings(const std::optional<std::filesystem::path>& file,
                               const Surroundings& surroundings);

}  // namespace berth
