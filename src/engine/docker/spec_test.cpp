#include "engine/docker/spec.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace berth::docker {
namespace {

namespace json = boost::json;

ContainerSpec small() {
  ContainerSpec spec;
  spec.name = "berth-1";
  spec.image = "sha256:aa";
  spec.cpu_cores = 2;
  spec.memory_mb = 64;
  return spec;
}

ContainerSpec workspace() {
  auto spec = small();
  spec.hostname = "ws";
  spec.env = {{"BERTH_INSTANCE", "7"}, {"EMPTY", ""}};
  spec.labels = {{"berth.cid", "7"}};
  spec.ports = {{22, 20001, "127.0.0.1"}, {8888, 20002, "127.0.0.1"}, {8888, 20003, "::1"}};
  spec.mounts = {{"/data/7", "/workspace", false}, {"/pub", "/pub_data", true}};
  spec.gpu_uuids = {"GPU-1", "GPU-2"};
  spec.shm_mb = 128;
  return spec;
}

json::value body_of(const ContainerSpec& spec) { return json::parse(create_body(spec).value()); }

TEST(SpecTest, AFolderThatTheEngineMakesIsABind) {
  auto spec = small();
  spec.mounts = {{.host_path = "/data/7", .container_path = "/workspace", .make_missing = true},
                 {.host_path = "/pub", .container_path = "/pub_data", .read_only = true}};
  const auto host = body_of(spec).at("HostConfig");
  EXPECT_EQ(host.at("Binds"), json::parse(R"(["/data/7:/workspace:rw"])"));
  EXPECT_EQ(host.at("Mounts").as_array().size(), 1u);
  spec.mounts[0].host_path = "/data:/7";
  EXPECT_FALSE(create_body(spec));
}

TEST(SpecTest, ALookAtEveryGpuRunsAProgramOfItsOwn) {
  auto spec = small();
  EXPECT_FALSE(body_of(spec).as_object().contains("Entrypoint"));
  spec.all_gpus = true;
  spec.command = {"nvidia-smi", "-L"};
  EXPECT_EQ(body_of(spec).at("Entrypoint"), json::parse(R"(["nvidia-smi", "-L"])"));
  EXPECT_EQ(body_of(spec).at("HostConfig").at("DeviceRequests"),
            json::parse(R"([{"Driver": "nvidia", "Count": -1, "Capabilities": [["gpu"]]}])"));
  spec.gpu_uuids = {"GPU-1"};
  EXPECT_FALSE(create_body(spec));
}

TEST(SpecTest, TheWholeBodyOfAWorkspace) {
  EXPECT_EQ(body_of(workspace()), json::parse(R"({
    "Image": "sha256:aa",
    "Hostname": "ws",
    "Env": ["BERTH_INSTANCE=7", "EMPTY="],
    "Labels": {"berth.cid": "7"},
    "ExposedPorts": {"22/tcp": {}, "8888/tcp": {}},
    "HostConfig": {
      "Privileged": false,
      "CapDrop": ["ALL"],
      "CapAdd": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "SETUID", "SETGID", "SETPCAP", "SYS_CHROOT", "KILL",
                 "NET_BIND_SERVICE", "AUDIT_WRITE", "SETFCAP"],
      "SecurityOpt": [],
      "Sysctls": {"net.ipv4.ping_group_range": "0 2147483647"},
      "NanoCpus": 2000000000,
      "Memory": 67108864,
      "MemorySwap": 67108864,
      "ShmSize": 134217728,
      "PidsLimit": 1024,
      "Ulimits": [{"Name": "core", "Soft": 0, "Hard": 0}],
      "LogConfig": {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}},
      "RestartPolicy": {"Name": "no"},
      "Init": false,
      "PortBindings": {"22/tcp": [{"HostIp": "127.0.0.1", "HostPort": "20001"}],
                       "8888/tcp": [{"HostIp": "127.0.0.1", "HostPort": "20002"}, {"HostIp": "::1", "HostPort": "20003"}]},
      "Mounts": [{"Type": "bind", "Source": "/data/7", "Target": "/workspace", "ReadOnly": false},
                 {"Type": "bind", "Source": "/pub", "Target": "/pub_data", "ReadOnly": true}],
      "DeviceRequests": [{"Driver": "nvidia", "DeviceIDs": ["GPU-1", "GPU-2"], "Capabilities": [["gpu"]]}],
      "ReadonlyRootfs": false
    }})"));
}

TEST(SpecTest, MinimalCapabilitiesKeepNone) {
  auto spec = small();
  spec.minimal_capabilities = true;
  spec.read_only_root = true;
  spec.init = true;
  const auto host = body_of(spec).at("HostConfig");
  EXPECT_EQ(host.at("CapDrop"), json::value({"ALL"}));
  EXPECT_EQ(host.at("CapAdd"), json::array());
  EXPECT_EQ(host.at("SecurityOpt"), json::value({"no-new-privileges:true"}));
  EXPECT_FALSE(host.as_object().contains("Sysctls"));
  EXPECT_EQ(host.at("ReadonlyRootfs"), true);
  EXPECT_EQ(host.at("Tmpfs"), json::parse(R"({"/tmp": "rw,nosuid,nodev,mode=1777,size=256m"})"));
  EXPECT_EQ(host.at("Init"), true);
  EXPECT_EQ(host.at("DeviceRequests"), json::array());
}

// What a key of ours may be, once and for all: a new one needs a look at what it opens.
TEST(SpecTest, NothingElseReachesTheEngine) {
  auto spec = workspace();
  spec.read_only_root = true;
  std::string keys;
  const auto body = body_of(spec);
  for (const auto& field : body.at("HostConfig").as_object())
    keys += std::string(field.key()) + ' ';
  EXPECT_EQ(keys,
            "Privileged CapDrop CapAdd SecurityOpt Sysctls NanoCpus Memory MemorySwap ShmSize "
            "PidsLimit Ulimits LogConfig "
            "RestartPolicy Init PortBindings Mounts DeviceRequests ReadonlyRootfs Tmpfs ");
}

TEST(SpecTest, UserTextStaysText) {
  auto spec = small();
  spec.env = {{"A", "\"}, \"Privileged\": true, {\n"}};
  EXPECT_EQ(body_of(spec).at("Env").at(0), "A=\"}, \"Privileged\": true, {\n");
  EXPECT_EQ(body_of(spec).at("HostConfig").at("Privileged"), false);
}

TEST(SpecTest, WritesNothingThatMeansUnlimited) {
  auto spec = small();
  spec.memory_mb = 0;
  EXPECT_EQ(create_body(spec).error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace berth::docker
