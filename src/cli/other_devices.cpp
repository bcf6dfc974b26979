#include "cli/other_devices.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "cli/engine_gpus.hpp"
#include "engine/docker/docker_engine.hpp"
#include "settings/address.hpp"

namespace berth::cli {
namespace {

constexpr auto kRetry = std::chrono::seconds(1);
constexpr auto kImageRetry = std::chrono::seconds(5);
constexpr auto kLearnRetry = std::chrono::minutes(1);
constexpr std::chrono::minutes kLearnRetryMost = std::chrono::hours(1);

DeviceRow make_row(const Settings::OtherDevice& device) {
  return {.name = device.name,
          .endpoint = device.docker_host,
          .cpu_cores = static_cast<int>(device.cpu_cores),
          .memory_mb = device.memory_mb,
          .ip = device.ip,
          .data_dir = device.data_dir,
          .pub_dir = device.pub_dir,
          .port_first = static_cast<int>(device.port_first),
          .port_last = static_cast<int>(device.port_last)};
}

DevicePlace place_of(const Settings::OtherDevice& device) {
  const bool is_everywhere = device.publish_ip == "0.0.0.0" || device.publish_ip == "::";
  return {.is_here = false,
          .publish_ip = device.publish_ip,
          .probe_ip = is_everywhere ? device.ip : device.publish_ip};
}

bool has_none(const Settings::OtherDevice& device) {
  return device.gpus == std::vector<std::string>{"none"};
}

void warn(const char* what, const OtherMachine& machine, const Error& error) {
  log(LogLevel::kWarn, what,
      {{"device", machine.settings.name}, {"error", error.message}, {"details", error.details}});
}

// Until it answers.
Task<std::shared_ptr<Engine>> await_engine(Control& control, DeviceId did) {
  while (!control.background.stopping()) {
    auto engine = control.devices.reachable_engine(did);
    if (engine) co_return *engine;
    co_await control.timers.sleep(kRetry);
  }
  co_return nullptr;
}

Task<Result<>> learn_capacity(Control& control, OtherMachine& machine, Engine& engine) {
  auto info = co_await engine.info();
  if (!info) co_return std::unexpected(info.error());
  machine.row = with_capacity(std::move(machine.row), machine.settings, *info);
  auto put = co_await control.devices.put(machine.row, std::nullopt);
  if (!put) co_return std::unexpected(put.error());
  co_return ok();
}

// Those that are known stay until the engine has said which there are.
Task<Result<>> learn_gpus(Control& control, const OtherMachine& machine, Engine& engine,
                          std::string image) {
  if (has_none(machine.settings)) co_return ok();
  std::string name = "berth-" + control.driver.naming().installation() + "-gpus-" +
                     std::to_string(machine.row.did.value);
  auto found = co_await find_engine_gpus(engine, control.timers, std::move(image), std::move(name));
  if (!found && machine.settings.gpus.empty()) co_return std::unexpected(found.error());
  // Those that the settings name exist, even if their models were not read.
  auto gpus = choose_gpus(machine.settings.gpus, found ? *found : std::vector<GpuRow>{});
  auto put = co_await control.devices.put(machine.row, std::move(gpus));
  if (!put) co_return std::unexpected(put.error());
  if (!found) co_return std::unexpected(found.error());
  co_return ok();
}

}  // namespace

DeviceRow with_capacity(DeviceRow row, const Settings::OtherDevice& settings,
                        const EngineInfo& there) {
  const int cores = std::max(1, there.cpus - static_cast<int>(settings.reserve_cpu));
  const std::int64_t memory =
      std::max<std::int64_t>(64, there.memory_bytes / (1024 * 1024) - settings.reserve_memory_mb);
  row.cpu_cores = settings.cpu_cores > 0 ? static_cast<int>(settings.cpu_cores) : cores;
  row.memory_mb = settings.memory_mb > 0 ? settings.memory_mb : memory;
  return row;
}

std::vector<GpuRow> choose_gpus(const std::vector<std::string>& named,
                                const std::vector<GpuRow>& found) {
  if (named.empty()) return found;
  std::vector<GpuRow> chosen;
  for (const std::string& uuid : named) {
    auto known = std::ranges::find(found, uuid, &GpuRow::uuid);
    chosen.push_back(known != found.end() ? *known : GpuRow{.uuid = uuid});
  }
  return chosen;
}

Task<Result<std::vector<OtherMachine>>> put_other_devices(Store& store, Settings settings) {
  SystemClock clock;
  Devices devices(store, clock);
  std::vector<OtherMachine> machines;
  for (const Settings::OtherDevice& wanted : settings.devices) {
    OtherMachine machine{wanted, make_row(wanted)};
    std::optional<std::vector<GpuRow>> gpus;
    if (has_none(wanted)) gpus.emplace();
    auto did = co_await devices.put(machine.row, std::move(gpus));
    if (!did) co_return std::unexpected(did.error());
    machine.row.did = *did;
    machines.push_back(std::move(machine));
  }
  co_return machines;
}

void attach_other_devices(boost::asio::io_context& io, Control& control,
                          const std::vector<OtherMachine>& machines) {
  for (const auto& [settings, row] : machines) {
    docker::EngineOptions options{.starts_at_once = static_cast<std::size_t>(settings.max_starts),
                                  .certificates = settings.certificates};
    control.devices.attach(
        row.did, std::make_shared<docker::DockerEngine>(io, row.endpoint, std::move(options)),
        place_of(settings));
  }
}

Task<> introduce_workspace_image(Control& control, DeviceId device, Settings::Image image) {
  bool said = false;
  while (!control.background.stopping()) {
    auto added =
        co_await control.images.add(local_admin(), device, image.workspace, image.workspace_name);
    if (added) co_return;
    if (!said) {
      log(LogLevel::kWarn, "workspace image not there yet",
          {{"did", device.value}, {"error", added.error().message}});
    }
    said = true;
    co_await control.timers.sleep(kImageRetry);
  }
}

Task<> get_to_know(Control& control, OtherMachine machine, Settings::Image image) {
  auto engine = co_await await_engine(control, machine.row.did);
  if (!engine) co_return;
  while (!control.background.stopping()) {
    auto learned = co_await learn_capacity(control, machine, *engine);
    if (learned) break;
    warn("capacity not learned", machine, learned.error());
    co_await control.timers.sleep(kLearnRetry);
  }
  co_await introduce_workspace_image(control, machine.row.did, image);
  // Less and less often: each time starts a container over there.
  for (auto pause = kLearnRetry; !control.background.stopping();
       pause = std::min(2 * pause, kLearnRetryMost)) {
    auto learned = co_await learn_gpus(control, machine, *engine, image.workspace);
    if (learned) break;
    warn("GPUs not learned", machine, learned.error());
    co_await control.timers.sleep(pause);
  }
}

}  // namespace berth::cli
