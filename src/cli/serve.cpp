#include "cli/serve.hpp"

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <iostream>
#include <optional>

#include "base/log.hpp"
#include "cli/app.hpp"
#include "cli/check_devices.hpp"
#include "cli/control_rules.hpp"
#include "cli/other_devices.hpp"
#include "cli/run_now.hpp"
#include "control/control.hpp"
#include "engine/docker/docker_engine.hpp"
#include "host/cpu_memory.hpp"
#include "host/gpus.hpp"
#include "host/system_host.hpp"
#include "secrets/seal.hpp"
#include "secrets/tokens.hpp"
#include "store/sql/sql_store.hpp"

namespace berth::cli {
namespace {

namespace asio = boost::asio;

constexpr char kInstallation[] = "installation";

std::string in_state(const Settings& settings, const char* name) {
  return settings.state_dir + "/" + name;
}

// What must be there before anything else: the state folder, the key, the database.
struct Foundation {
  std::unique_ptr<Store> store;
  secrets::Sealer sealer;
};

Result<Foundation> lay_foundation(asio::io_context& io, const Settings& settings,
                                  std::function<void()> on_disk_failure) {
  std::error_code error;
  if (std::filesystem::create_directories(settings.state_dir, error)) {
    std::filesystem::permissions(settings.state_dir, std::filesystem::perms::owner_all, error);
  }
  if (error)
    return fail(ErrorCode::kInternal, "state_dir " + settings.state_dir + ": " + error.message());
  auto store = open_sqlite(io, {.path = in_state(settings, "berth.db"),
                                .on_disk_failure = std::move(on_disk_failure)});
  if (!store) return std::unexpected(store.error());
  auto sealer = secrets::Sealer::open_or_create(in_state(settings, "seal.key"));
  if (!sealer) return std::unexpected(sealer.error());
  return Foundation{std::move(*store), *sealer};
}

// Passwords that were sealed with a key that is gone could never be shown again: better to say so
// before anything is served.
Task<Result<>> check_key(Store& store, bool key_is_new) {
  if (!key_is_new) co_return ok();
  auto work = [](Transaction& tx) -> Result<bool> { return tx.containers(1).empty(); };
  auto is_empty = co_await store.read(work);
  if (!is_empty) co_return std::unexpected(is_empty.error());
  if (*is_empty) co_return ok();
  co_return fail(ErrorCode::kInternal,
                 "seal.key was missing beside a database that has containers, whose passwords were "
                 "sealed with it; put it back");
}

DeviceRow make_local_device(const Settings& settings, const CpuMemory& facts) {
  return {
      .name = "local",
      .endpoint = settings.device.docker_host,
      .cpu_cores = std::max(1, facts.cores - static_cast<int>(settings.device.reserve_cpu)),
      .memory_mb = std::max<std::int64_t>(64, facts.memory_mb - settings.device.reserve_memory_mb),
      .cpu_name = facts.cpu_name,
      .ip = settings.device.ip,
      .data_dir = settings.device.data_dir,
      .pub_dir = settings.device.pub_dir,
      .port_first = static_cast<int>(settings.device.port_first),
      .port_last = static_cast<int>(settings.device.port_last)};
}

Task<Result<std::string>> read_installation(Store& store) {
  const std::string made = secrets::random_hex(4);
  auto work = [made](Transaction& tx) -> Result<std::string> {
    if (auto known = tx.meta(kInstallation)) return *known;
    tx.set_meta(kInstallation, made);
    return made;
  };
  co_return co_await store.write(work);
}

// Nothing when they cannot be told just now: then those that are known stay.
std::optional<std::vector<GpuRow>> read_gpus() {
  auto found = find_gpus();
  if (!found) {
    log(LogLevel::kWarn, "GPUs not read",
        {{"error", found.error().message}, {"details", found.error().details}});
    return std::nullopt;
  }
  std::vector<GpuRow> gpus;
  for (const HostGpu& gpu : *found) gpus.push_back({.uuid = gpu.uuid, .model = gpu.model});
  return gpus;
}

Task<Result<DeviceId>> put_local_device(Store& store, DeviceRow row,
                                        std::optional<std::vector<GpuRow>> gpus) {
  SystemClock clock;
  Devices devices(store, clock);
  co_return co_await devices.put(std::move(row), std::move(gpus));
}

void announce(const App& app, const std::optional<std::string>& first_admin_code) {
  std::cout << "platform " << app.platform_url() << '\n';
  if (!app.matlab_url().empty()) std::cout << "matlab " << app.matlab_url() << '\n';
  if (first_admin_code) std::cout << "first admin code " << *first_admin_code << '\n';
  std::cout << std::flush;
}

void print_guide(const App& app, const Settings& settings, const std::optional<std::string>& code) {
  constexpr char kJson[] = " -H 'Content-Type: application/json'";
  std::cout << "\nBerth is up. Ctrl-C ends it; containers keep running. Three commands to try:\n\n"
            << "  curl -c cookies.txt -X POST " << app.platform_url() << "/api/register" << kJson
            << " -d '{\"username\":\"me\",\"password\":\"choose-one\",\"email\":\"me@example.org\"";
  if (code) std::cout << ",\"code\":\"" << *code << "\"";
  std::cout << "}'\n  curl -b cookies.txt -X POST " << app.platform_url() << "/containers" << kJson
            << " -d '{\"iid\":1,\"name\":\"first\",\"cpu\":1,\"mem\":1024}'\n"
            << "  ssh root@" << settings.device.ip
            << " -p PORTSSH     # portssh and passwd are in the answer\n\n";
  if (code) {
    std::cout << "The code makes the first account that uses it an admin, once. Without it: berth "
                 "user add NAME --role "
                 "admin\n\n";
  }
  std::cout << std::flush;
}

int refuse_start(const Error& error) {
  std::cerr << "berth: " << error.message << (error.details.empty() ? "" : ": " + error.details)
            << '\n';
  return 1;
}

}  // namespace

int serve(const Settings& settings, bool with_guide) {
  asio::io_context io(1);
  if (auto r = check_devices(settings); !r) return refuse_start(r.error());
  std::function<void()> give_up;  // once there is something to give up
  auto on_disk_failure = [&give_up] {
    if (give_up) give_up();
  };
  auto foundation = lay_foundation(io, settings, on_disk_failure);
  if (!foundation) return refuse_start(foundation.error());
  Store& store = *foundation->store;
  if (auto r = run_now(io, check_key(store, foundation->sealer.is_new())); !r) {
    std::filesystem::remove(in_state(settings, "seal.key"));
    return refuse_start(r.error());
  }
  auto installation = run_now(io, read_installation(store));
  if (!installation) return refuse_start(installation.error());
  const CpuMemory facts = read_cpu_memory();
  auto device =
      run_now(io, put_local_device(store, make_local_device(settings, facts), read_gpus()));
  if (!device) return refuse_start(device.error());
  auto others = run_now(io, put_other_devices(store, settings));
  if (!others) return refuse_start(others.error());

  SystemClock clock;
  SystemTimers timers;
  SystemHost host;
  Control control({io.get_executor(), store, host, clock, timers, foundation->sealer},
                  control_rules(settings, *installation, *device, facts.cores, {*device}));
  control.devices.attach(
      *device, std::make_shared<docker::DockerEngine>(
                   io, settings.device.docker_host,
                   docker::EngineOptions{static_cast<std::size_t>(settings.device.max_starts)}));
  attach_other_devices(io, control, *others);
  App app(io, settings, control, {});
  give_up = [&app] { app.end(1); };
  if (auto r = app.listen(); !r) return refuse_start(r.error());
  auto code = run_now(io, control.accounts.make_first_admin_code());
  if (!code) return refuse_start(code.error());
  std::vector<DeviceId> all{*device};
  for (const OtherMachine& other : *others) all.push_back(other.row.did);
  control.start(all);
  control.background.start("introduce image",
                           introduce_workspace_image(control, *device, settings.image));
  for (const OtherMachine& other : *others)
    control.background.start("get to know", get_to_know(control, other, settings.image));
  announce(app, *code);
  if (with_guide) print_guide(app, settings, *code);
  app.serve_until_told();
}

}  // namespace berth::cli
