#include "cli/engine_gpus.hpp"

#include "base/limits.hpp"
#include "host/gpus.hpp"

namespace berth::cli {
namespace {

constexpr auto kPoll = std::chrono::milliseconds(200);
constexpr int kPolls = 150;
constexpr std::size_t kLines = 200;

ContainerSpec looking_spec(std::string image, std::string name) {
  ContainerSpec spec{.name = std::move(name), .image = std::move(image)};
  spec.env = {{"NVIDIA_DRIVER_CAPABILITIES", "utility"}};
  spec.all_gpus = true;
  spec.command = {"nvidia-smi", "--query-gpu=index,uuid,name,memory.total",
                  "--format=csv,noheader,nounits"};
  spec.cpu_cores = 1;
  spec.memory_mb = 512;
  spec.minimal_capabilities = true;
  return spec;
}

std::unexpected<Error> failed(const std::string& why) {
  return fail(ErrorCode::kUnavailable, "nvidia-smi failed over there", why);
}

Task<Result<>> wait_for_end(Engine& engine, Timers& timers, std::string name) {
  for (int i = 0; i < kPolls; ++i) {
    auto seen = co_await engine.inspect(name);
    if (!seen) co_return std::unexpected(seen.error());
    if (seen->state == EngineState::kExited || seen->state == EngineState::kDead) {
      if (seen->exit_code == 0) co_return ok();
      co_return failed("exit code " + std::to_string(seen->exit_code));
    }
    co_await timers.sleep(kPoll);
  }
  co_return failed("it did not end in time");
}

Task<Result<std::string>> run(Engine& engine, Timers& timers, std::string image, std::string name) {
  ContainerSpec spec = looking_spec(std::move(image), name);
  auto made = co_await engine.create(std::move(spec));
  if (!made) co_return std::unexpected(made.error());
  if (auto r = co_await engine.start(name); !r) co_return std::unexpected(r.error());
  auto ended = co_await wait_for_end(engine, timers, name);
  auto lines = co_await engine.logs(name, kLines);
  if (!ended) {
    if (lines && !lines->empty()) ended.error().details += ": " + lines->front().text;
    co_return std::unexpected(ended.error());
  }
  if (!lines) co_return std::unexpected(lines.error());
  std::string text;
  for (const EngineLogLine& line : *lines) {
    if (!line.is_error) text += line.text + "\n";
  }
  co_return text;
}

}  // namespace

Task<Result<std::vector<GpuRow>>> find_engine_gpus(Engine& engine, Timers& timers,
                                                   std::string image, std::string name) {
  auto info = co_await engine.info();
  if (!info) co_return std::unexpected(info.error());
  if (!info->has_nvidia) co_return std::vector<GpuRow>{};
  // One that was left behind by an end in between goes first.
  if (auto r = co_await engine.remove(name); !r) co_return std::unexpected(r.error());
  auto printed = co_await run(engine, timers, std::move(image), name);
  auto removed = co_await engine.remove(name);
  if (!printed) co_return std::unexpected(printed.error());
  if (!removed) co_return std::unexpected(removed.error());
  auto found = parse_gpus(*printed);
  if (!found) co_return std::unexpected(found.error());
  std::vector<GpuRow> gpus;
  for (const HostGpu& gpu : *found) gpus.push_back({.uuid = gpu.uuid, .model = gpu.model});
  co_return gpus;
}

}  // namespace berth::cli
