#include "engine/docker/spec.hpp"

#include <boost/json.hpp>

#include "engine/arguments.hpp"

namespace berth::docker {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMebibyte = 1024 * 1024;
constexpr std::int64_t kNanoCpus = 1'000'000'000;

// What apt, sshd, sudo, su and setcap need. Not in it: NET_RAW (spoofing neighbours; ping works by
// the sysctl below), MKNOD, and all that Docker itself leaves out.
constexpr const char* kWorkspaceCapabilities[] = {
    "CHOWN",   "DAC_OVERRIDE", "FOWNER", "FSETID",           "SETUID",      "SETGID",
    "SETPCAP", "SYS_CHROOT",   "KILL",   "NET_BIND_SERVICE", "AUDIT_WRITE", "SETFCAP"};

json::array env_of(const ContainerSpec& spec) {
  json::array env;
  for (const auto& [name, value] : spec.env) env.emplace_back(name + '=' + value);
  return env;
}

constexpr std::string_view kMarkName = "BERTH_TERMINAL";

constexpr const char* kShell = "/bin/sh";  // in the container

// An exec's process is a child of nobody inside the container; what it started has its environment
// too, but not that. So what left the terminal's session (nohup, tmux) is left alone.
constexpr const char* kHangUp = R"sh(
signal() {
  for process in /proc/[0-9]*; do
    grep -qs '^PPid:[[:space:]]*0$' "$process/status" || continue
    tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -qxF "$2" || continue
    kill -s "$1" "${process#/proc/}"
    found=yes
  done
}
found=
signal HUP "$1"
[ -n "$found" ] || exit 0
sleep 1
signal KILL "$1"
)sh";

std::string marked(const std::string& mark) { return std::string(kMarkName) + '=' + mark; }

json::object labels_of(const ContainerSpec& spec) {
  json::object labels;
  for (const auto& [name, value] : spec.labels) labels[name] = value;
  return labels;
}

std::string port_key(const PortBinding& port) {
  return std::to_string(port.container_port) + "/tcp";
}

json::object exposed_ports(const ContainerSpec& spec) {
  json::object exposed;
  for (const auto& port : spec.ports) exposed[port_key(port)] = json::object();
  return exposed;
}

json::object port_bindings(const ContainerSpec& spec) {
  json::object bindings;
  for (const auto& port : spec.ports) {
    auto& places = bindings[port_key(port)];
    if (!places.is_array()) places = json::array();
    places.as_array().push_back(
        {{"HostIp", port.host_ip}, {"HostPort", std::to_string(port.host_port)}});
  }
  return bindings;
}

// Of type bind, not `Binds`: these fail where the host path is missing, and `Binds` would make an
// empty one as root, which is wanted on other machines.
json::array mounts_of(const ContainerSpec& spec) {
  json::array mounts;
  for (const auto& mount : spec.mounts) {
    if (mount.make_missing) continue;
    mounts.push_back({{"Type", "bind"},
                      {"Source", mount.host_path},
                      {"Target", mount.container_path},
                      {"ReadOnly", mount.read_only}});
  }
  return mounts;
}

json::array binds_of(const ContainerSpec& spec) {
  json::array binds;
  for (const auto& mount : spec.mounts) {
    if (!mount.make_missing) continue;
    binds.emplace_back(mount.host_path + ':' + mount.container_path +
                       (mount.read_only ? ":ro" : ":rw"));
  }
  return binds;
}

json::array device_requests(const ContainerSpec& spec) {
  if (spec.all_gpus)
    return {{{"Driver", "nvidia"}, {"Count", -1}, {"Capabilities", {json::array{"gpu"}}}}};
  if (spec.gpu_uuids.empty()) return {};
  json::array ids(spec.gpu_uuids.begin(), spec.gpu_uuids.end());
  return {{{"Driver", "nvidia"},
           {"DeviceIDs", std::move(ids)},
           {"Capabilities", {json::array{"gpu"}}}}};
}

void add_privileges(json::object& host, const ContainerSpec& spec) {
  host["Privileged"] = false;
  host["CapDrop"] = {"ALL"};
  json::array capabilities;
  if (!spec.minimal_capabilities) {
    for (const auto* capability : kWorkspaceCapabilities) capabilities.emplace_back(capability);
  }
  host["CapAdd"] = std::move(capabilities);
  // Not for workspaces: sudo would stop working there.
  host["SecurityOpt"] =
      spec.minimal_capabilities ? json::array{"no-new-privileges:true"} : json::array{};
  if (!spec.minimal_capabilities) host["Sysctls"] = {{"net.ipv4.ping_group_range", "0 2147483647"}};
}

void add_sizes(json::object& host, const ContainerSpec& spec) {
  host["NanoCpus"] = spec.cpu_cores * kNanoCpus;
  host["Memory"] = spec.memory_mb * kMebibyte;
  host["MemorySwap"] = spec.memory_mb * kMebibyte;
  host["ShmSize"] = spec.shm_mb * kMebibyte;
  host["PidsLimit"] = spec.pids;
  host["Ulimits"] = {{{"Name", "core"}, {"Soft", 0}, {"Hard", 0}}};
  host["LogConfig"] = {{"Type", "json-file"}, {"Config", {{"max-size", "10m"}, {"max-file", "3"}}}};
}

json::object host_config(const ContainerSpec& spec) {
  json::object host;
  add_privileges(host, spec);
  add_sizes(host, spec);
  host["RestartPolicy"] = {{"Name", "no"}};
  host["Init"] = spec.init;
  host["PortBindings"] = port_bindings(spec);
  host["Mounts"] = mounts_of(spec);
  if (auto binds = binds_of(spec); !binds.empty()) host["Binds"] = std::move(binds);
  host["DeviceRequests"] = device_requests(spec);
  host["ReadonlyRootfs"] = spec.read_only_root;
  if (spec.read_only_root) host["Tmpfs"] = {{"/tmp", "rw,nosuid,nodev,mode=1777,size=256m"}};
  return host;
}

}  // namespace

Result<std::string> create_body(const ContainerSpec& spec) {
  if (auto checked = check_spec(spec); !checked) return std::unexpected(checked.error());
  json::object body;
  body["Image"] = spec.image;
  if (!spec.hostname.empty()) body["Hostname"] = spec.hostname;
  if (!spec.command.empty())
    body["Entrypoint"] = json::array(spec.command.begin(), spec.command.end());
  body["Env"] = env_of(spec);
  body["Labels"] = labels_of(spec);
  body["ExposedPorts"] = exposed_ports(spec);
  body["HostConfig"] = host_config(spec);
  return json::serialize(body);
}

std::string terminal_body(const TerminalSpec& spec, const std::string& mark) {
  json::array env{json::string(marked(mark))};
  for (const auto& [name, value] : spec.env) env.emplace_back(name + '=' + value);
  json::object body{
      {"AttachStdin", true}, {"AttachStdout", true}, {"AttachStderr", true}, {"Tty", true}};
  body["Cmd"] = json::array(spec.command.begin(), spec.command.end());
  body["Env"] = std::move(env);
  return json::serialize(body);
}

std::string hang_up_body(const std::string& mark) {
  return json::serialize(
      json::object{{"Cmd", {kShell, "-c", kHangUp, "berth-hang-up", marked(mark)}}});
}

}  // namespace berth::docker
