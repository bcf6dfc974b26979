#include "life.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "world.hpp"

namespace berth::sim {
namespace {

DeviceRow make_device(int number, bool is_small) {
  return {.name = "device-" + std::to_string(number),
          .endpoint = "unix:///x",
          .cpu_cores = is_small ? 3 : 8,
          .memory_mb = (is_small ? 3 : 16) * 1024,
          .cpu_name = "cpu",
          .ip = "127.0.0.1",
          .data_dir = "/data",
          .port_first = 6000,
          .port_last = 6060};
}

std::vector<GpuRow> make_gpus(int number, bool is_small) {
  std::vector<GpuRow> gpus;
  for (int i = 0; i < (is_small ? 1 : 2); ++i) {
    gpus.push_back(
        {.uuid = "GPU-" + std::to_string(number) + "-" + std::to_string(i), .model = "RTX"});
  }
  return gpus;
}

}  // namespace

const secrets::Sealer& the_sealer() {
  static const secrets::Sealer kSealer = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "berth-sim-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    auto sealer = secrets::Sealer::open_or_create(std::filesystem::path(pattern) / "key");
    std::filesystem::remove_all(pattern);
    return sealer.value();
  }();
  return kSealer;
}

Life::Life(World& world, const secrets::Sealer& sealer, DeviceId matlab_device)
    : control({world.time.executor(), *world.store, host, world.time, world.time, sealer},
              {.installation = "sim",
               .shape = {.matlab_image = kMatlabImage, .matlab_data_root = "/data"},
               .matlab = {.device = matlab_device}}) {}

Task<Result<std::vector<DeviceId>>> Life::prepare(World& world) {
  Devices devices(*world.store, world.time);
  std::vector<DeviceId> dids;
  for (std::size_t i = 0; i < world.engines.size(); ++i) {
    SimEngine& engine = *world.engines[i];
    const std::optional<std::vector<GpuRow>> gpus =
        make_gpus(static_cast<int>(i), engine.is_small);
    engine.have_gpus(engine.is_small ? 1 : 2);
    auto did = co_await devices.put(make_device(static_cast<int>(i), engine.is_small), gpus);
    if (!did) co_return std::unexpected(did.error());
    dids.push_back(*did);
  }
  co_return dids;
}

void Life::start(World& world, const std::vector<DeviceId>& dids) {
  for (std::size_t i = 0; i < dids.size(); ++i) {
    world.engines[i]->did = dids[i];
    control.devices.attach(dids[i], world.engines[i]);
    control.reconciler.watch(dids[i]);
    control.background.start("introduce image", introduce_image(world, dids[i]));
  }
}

Task<> Life::introduce_image(World& world, DeviceId did) {
  while (!control.background.stopping()) {
    auto added = co_await control.images.add(local_admin(), did, kWorkspaceImage, "workspace");
    if (added) co_return;
    co_await world.time.sleep(std::chrono::seconds(5));
  }
}

}  // namespace berth::sim
