#include "cli/other_devices.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "cli/check_devices.hpp"
#include "cli/shown_settings.hpp"
#include "fakes/lab.hpp"

namespace berth::cli {
namespace {

const EngineInfo kThere{.cpus = 16, .memory_bytes = std::int64_t{64} << 30};

TEST(OtherDevicesTest, WhatTheEngineHasLessWhatIsReservedIsGiven) {
  DeviceRow row = with_capacity({}, {.reserve_cpu = 2, .reserve_memory_mb = 4096}, kThere);
  EXPECT_EQ(row.cpu_cores, 14);
  EXPECT_EQ(row.memory_mb, 60 * 1024);
  row = with_capacity({}, {.cpu_cores = 8, .memory_mb = 1024, .reserve_cpu = 2}, kThere);
  EXPECT_EQ(row.cpu_cores, 8);
  EXPECT_EQ(row.memory_mb, 1024);
  row = with_capacity({}, {.reserve_cpu = 64, .reserve_memory_mb = 1 << 20}, kThere);
  EXPECT_EQ(row.cpu_cores, 1);
  EXPECT_EQ(row.memory_mb, 64);
}

TEST(OtherDevicesTest, TheGpusThatAreNamedOrAllThatAreFound) {
  const std::vector<GpuRow> found{{.uuid = "GPU-1", .model = "A100"},
                                  {.uuid = "GPU-2", .model = "H200"}};
  EXPECT_EQ(choose_gpus({}, found).size(), 2u);
  const auto chosen = choose_gpus({"GPU-2", "GPU-3"}, found);
  ASSERT_EQ(chosen.size(), 2u);
  EXPECT_EQ(chosen[0].model, "H200");
  EXPECT_EQ(chosen[1].uuid, "GPU-3");
  EXPECT_EQ(chosen[1].model, "");
}

Task<bool> get_to_know_all_of_it(Control& control, OtherMachine machine, std::string image) {
  Settings::Image wanted{.workspace = std::move(image), .workspace_name = "workspace"};
  co_await get_to_know(control, std::move(machine), std::move(wanted));
  co_return true;
}

// A machine that starts at the same moment as Berth answers late, and not to everything at once.
TEST(OtherDevicesTest, AMachineIsAskedUntilItHasSaidWhatItHas) {
  testing::Lab lab;
  auto& devices = lab.control->devices;
  devices.attach(lab.device, lab.engine, {.is_here = false});
  devices.mark_reachable(lab.device, true);
  const auto shown = [&] { return *testing::run(lab.io, devices.property(lab.ann, lab.device)); };
  const std::string image = "workspace:test";
  lab.engine->machine.add_image(image);
  int refusals = 3;
  lab.engine->fault = [&refusals](std::string_view call) -> testing::Fault {
    if (call != "info" || refusals-- <= 0) return {};
    return {.kind = testing::Fault::Kind::kUnavailable};
  };
  OtherMachine machine{.settings = {.name = shown().device.name, .gpus = {"none"}},
                       .row = shown().device};
  EXPECT_TRUE(testing::run(lab.io, get_to_know_all_of_it(*lab.control, machine, image)));
  EXPECT_LT(refusals, 0);
  EXPECT_EQ(shown().device.cpu_cores, lab.engine->machine.info().cpus);
}

std::string refusal(const Settings& settings) {
  const auto checked = check_devices(settings);
  return checked ? "right" : checked.error().message;
}

TEST(CheckDevicesTest, SaysWhichMachineCannotBeReachedThatWay) {
  Settings settings;
  EXPECT_EQ(refusal(settings), "right");
  settings.devices = {{.name = "gpu2", .docker_host = "ssh://berth@gpu2"}};
  EXPECT_EQ(refusal(settings), "right");
  settings.devices[0].docker_host = "tcp://gpu2:2376";
  EXPECT_TRUE(refusal(settings).starts_with("devices.gpu2: tcp:// without TLS is refused"));
  settings.devices[0].certificates = "/nonexistent";
  EXPECT_TRUE(refusal(settings).starts_with("devices.gpu2: /nonexistent/key.pem: "));
  settings.devices[0] = {.name = "gpu2", .docker_host = "ssh://-oProxyCommand=x"};
  EXPECT_TRUE(refusal(settings).starts_with("devices.gpu2: "));
  settings.device.docker_host = "ssh://elsewhere";
  EXPECT_TRUE(refusal(settings).starts_with("device.docker_host: [device] is this machine"));
}

TEST(ShownSettingsTest, OtherMachinesStandThereByName) {
  Settings settings;
  settings.devices = {{.name = "gpu2", .ip = "10.0.0.2"}, {.name = "gpu3", .max_starts = 2}};
  std::map<std::string, std::string> shown;
  for (const auto& one : shown_settings(settings)) shown[one.key] = one.value;
  EXPECT_EQ(shown["devices.gpu2.ip"], "10.0.0.2");
  EXPECT_EQ(shown["devices.gpu3.max_starts"], "2");
  EXPECT_FALSE(shown.contains("devices.gpu3.name"));
}

}  // namespace
}  // namespace berth::cli
