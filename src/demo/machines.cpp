#include "demo/machines.hpp"

#include "demo/demo_inside.hpp"

namespace berth::demo {
namespace {

struct Model {
  const char* name;
  const char* ip;
  const char* cpu_name;
  int cores;
  std::int64_t memory_gb;
  const char* gpu;
  int gpu_memory_gb;
  int gpus;
};

constexpr Model kModels[] = {
    {"atlas", "192.0.2.11", "Intel Core i9-14900K", 32, 128, "RTX 4090 24GB", 24, 4},
    {"boreas", "192.0.2.12", "Intel Xeon Gold 6430", 64, 256, "RTX A6000 48GB", 48, 4},
    {"calypso", "192.0.2.13", "AMD EPYC 7763", 128, 512, "A100 80GB", 80, 6},
    {"delos", "192.0.2.14", "AMD Ryzen 9 5950X", 16, 64, "RTX 3090 24GB", 24, 2},
};

}  // namespace

std::vector<LabMachine> make_machines(LabTime& time, std::uint64_t seed) {
  std::vector<LabMachine> machines;
  for (const Model& model : kModels) {
    const auto number = static_cast<std::int64_t>(machines.size()) + 1;
    LabMachine machine{.gpu_memory_gb = model.gpu_memory_gb};
    machine.row = {.name = model.name,
                   .endpoint = std::string("memory:") + model.name,
                   .cpu_cores = model.cores,
                   .memory_mb = model.memory_gb * 1024,
                   .cpu_name = model.cpu_name,
                   .ip = model.ip,
                   .data_dir = "/data/berth",
                   .pub_dir = "/data/pub",
                   .port_first = static_cast<int>(5000 + 1000 * number),  // its own: a probe tells
                   .port_last = static_cast<int>(5999 + 1000 * number)};  // machines apart by port
    memory::MachineOptions options{.cpus = model.cores,
                                   .memory_bytes = model.memory_gb << 30,
                                   .seed = seed * 100 + static_cast<std::uint64_t>(number),
                                   .first_pid = number * 1'000'000,  // a lab-wide number
                                   .inside = std::make_shared<DemoInside>(model.gpu)};
    for (int i = 0; i < model.gpus; ++i) {
      const std::string uuid = std::string("GPU-") + model.name + "-" + std::to_string(i);
      options.gpus.insert(uuid);
      machine.gpus.push_back({.uuid = uuid, .model = model.gpu});
    }
    machine.engine = std::make_shared<DemoEngine>(time, std::move(options));
    machines.push_back(std::move(machine));
  }
  return machines;
}

}  // namespace berth::demo
