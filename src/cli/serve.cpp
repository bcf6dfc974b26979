#include "cli/serve.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>

#include "api/admin/admin_face.hpp"
#include "api/answers.hpp"
#include "api/faces.hpp"
#include "api/matlab/matlab_face.hpp"
#include "api/page.hpp"
#include "api/platform/platform.hpp"
#include "api/v1/v1.hpp"
#include "async/background.hpp"
#include "async/timers.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "control/accounts.hpp"
#include "control/changes.hpp"
#include "control/containers.hpp"
#include "control/devices.hpp"
#include "control/driver.hpp"
#include "control/history.hpp"
#include "control/images.hpp"
#include "control/long_work.hpp"
#include "control/matlab.hpp"
#include "control/operations.hpp"
#include "control/reconciler.hpp"
#include "control/sampler.hpp"
#include "control/terminals.hpp"
#include "control/told_store.hpp"
#include "engine/docker/docker_engine.hpp"
#include "engine/endpoint.hpp"
#include "host/cpu_memory.hpp"
#include "host/gpus.hpp"
#include "host/system_host.hpp"
#include "http/server.hpp"
#include "secrets/seal.hpp"
#include "secrets/tokens.hpp"
#include "settings/table.hpp"
#include "store/sql/sql_store.hpp"

namespace berth::cli {
namespace {

namespace asio = boost::asio;

constexpr char kInstallation[] = "installation";
constexpr auto kImageRetry = std::chrono::seconds(5);
constexpr auto kSessionSweep = std::chrono::hours(1);

std::string in_state(const Settings& settings, const char* name) {
  return settings.state_dir + "/" + name;
}

// What must be there before anything else: the state folder, the key, the database.
struct Foundation {
  std::unique_ptr<Store> store;
  secrets::Sealer sealer;
};

Result<Foundation> lay_foundation(asio::io_context& io, const Settings& settings) {
  std::error_code error;
  if (std::filesystem::create_directories(settings.state_dir, error)) {
    std::filesystem::permissions(settings.state_dir, std::filesystem::perms::owner_all, error);
  }
  if (error)
    return fail(ErrorCode::kInternal, "state_dir " + settings.state_dir + ": " + error.message());
  auto store = open_sqlite(io, {.path = in_state(settings, "berth.db")});
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

Result<> check_endpoint(const std::string& docker_host) {
  auto endpoint = parse_endpoint(docker_host);
  if (!endpoint) return std::unexpected(endpoint.error());
  return check_supported(*endpoint);
}

ContainerShape make_shape(const Settings& settings) {
  return {.workspace_shm_mb = settings.limits.shm_mb,
          .pids = static_cast<int>(settings.limits.pids),
          .publish_ip = settings.device.publish_ip,
          .matlab_image = settings.matlab.image,
          .matlab_publish_ip = settings.matlab.publish_ip,
          .matlab_shm_mb = settings.matlab.shm_mb,
          .matlab_data_root = settings.matlab.data_root,
          .matlab_license_server = settings.matlab.license_server};
}

AccountRules make_account_rules(const Settings& settings) {
  return {.registration_open = settings.platform.registration == "open",
          .password_min = static_cast<std::size_t>(settings.platform.password_min),
          .session_life = std::chrono::hours(24 * settings.platform.session_days)};
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

// An address that a probe from this machine reaches a published port at.
std::string probe_ip(const std::string& publish_ip) {
  return publish_ip.empty() || publish_ip == "0.0.0.0" || publish_ip == "::" ? "127.0.0.1"
                                                                             : publish_ip;
}

std::optional<http::TlsFiles> tls_files(const std::string& certificate, const std::string& key) {
  if (certificate.empty()) return std::nullopt;
  return http::TlsFiles{certificate, key};
}

MatlabRules make_matlab_rules(const Settings& settings, DeviceId device, int cores) {
  return {.device = device,
          .cpu_cores = std::min(static_cast<int>(settings.matlab.cpu),
                                cores),  // more than there are is refused
          .memory_mb = settings.matlab.memory_mb,
          .creates_at_once = static_cast<std::size_t>(settings.matlab.max_creates),
          .probe_ip = probe_ip(settings.matlab.publish_ip)};
}

std::string setting_text(const SettingSlot& slot) {
  return std::visit(
      [](const auto* value) -> std::string {
        using Value = std::remove_cvref_t<decltype(*value)>;
        if constexpr (std::same_as<Value, std::string>) {
          return *value;
        } else if constexpr (std::same_as<Value, bool>) {
          return *value ? "true" : "false";
        } else if constexpr (std::same_as<Value, std::int64_t>) {
          return std::to_string(*value);
        } else {
          std::string joined;
          for (const std::string& one : *value) joined += (joined.empty() ? "" : ", ") + one;
          return joined;
        }
      },
      slot);
}

// For admins to look at. Tokens are secrets: only how many there are.
std::vector<api::v1::ShownSetting> shown_settings(Settings settings) {
  Settings defaults;
  std::vector<api::v1::ShownSetting> shown;
  for (const SettingKey& key : setting_keys()) {
    api::v1::ShownSetting one{key.dotted(), setting_text(key.slot(settings)),
                              setting_text(key.slot(defaults))};
    if (one.key == "matlab.tokens" && !one.value.empty()) {
      one.value = "(" + std::to_string(settings.matlab.tokens.size()) + " not shown)";
    }
    shown.push_back(std::move(one));
  }
  return shown;
}

std::string url(const std::string& listen, std::uint16_t port, bool tls) {
  return std::string(tls ? "https://" : "http://") + listen.substr(0, listen.rfind(':')) + ":" +
         std::to_string(port);
}

// The program: every part, built in the order in which they stand on each other.
class App {
 public:
  App(asio::io_context& io, const Settings& settings, Foundation foundation,
      std::string installation, DeviceId device, int cores)
      : io_(io),
        settings_(settings),
        foundation_(std::move(foundation)),
        background_(io.get_executor()),
        told_store_(*foundation_.store, changes_),
        operations_(clock_, changes_),
        accounts_(store(), clock_, gate_, make_account_rules(settings)),
        devices_(store(), &changes_),
        strangers_(clock_),
        driver_({store(), devices_, host_, clock_, timers_, foundation_.sealer, strangers_,
                 &operations_},
                Naming(installation), make_shape(settings)),
        images_(store(), devices_, driver_, clock_),
        containers_(store(), devices_, driver_, clock_, foundation_.sealer, strangers_),
        reconciler_(store(), devices_, driver_, images_, timers_, background_),
        sampler_(store(), devices_, driver_, host_, clock_, timers_, background_),
        matlab_(store(), devices_, driver_, sampler_, host_, clock_,
                make_matlab_rules(settings, device, cores)),
        terminals_(containers_, store(), clock_, background_),
        history_(store()),
        long_work_({containers_, images_, settings.matlab.enabled ? &matlab_ : nullptr, operations_,
                    host_, clock_, timers_, background_, probe_ip(settings.device.publish_ip)}),
        device_(device),
        answers_(store(), clock_, limits::kRememberedAnswers),
        platform_services_{accounts_,
                           containers_,
                           devices_,
                           images_,
                           store(),
                           answers_,
                           settings.platform.legacy_lists,
                           settings.platform.session_days * 24 * 3600},
        v1_services_{accounts_,
                     containers_,
                     devices_,
                     images_,
                     operations_,
                     long_work_,
                     history_,
                     sampler_,
                     terminals_,
                     changes_,
                     background_,
                     clock_,
                     settings.matlab.enabled ? &matlab_ : nullptr,
                     settings.matlab.publish_ip,
                     settings.platform.session_days * 24 * 3600,
                     false,
                     shown_settings(settings)},
        matlab_services_{matlab_, store(), answers_, {}},
        admin_services_{
            accounts_, containers_, devices_, images_, settings.matlab.enabled ? &matlab_ : nullptr,
            {}} {
    devices_.attach(
        device, std::make_shared<docker::DockerEngine>(
                    io, settings.device.docker_host,
                    docker::EngineOptions{static_cast<std::size_t>(settings.device.max_starts)}));
  }

  Result<> listen();
  void start_background();
  void announce(const std::optional<std::string>& first_admin_code) const;
  void print_guide(const std::optional<std::string>& first_admin_code) const;
  Task<Result<std::optional<std::string>>> first_admin_code() {
    co_return co_await accounts_.make_first_admin_code();
  }
  Task<> shut_down();

 private:
  Store& store() { return told_store_; }
  Result<> listen_matlab();
  std::string platform_url() const;
  std::vector<http::Route> listed(std::string face, std::vector<http::Route> routes);
  Task<> introduce_workspace_image();
  Task<> sweep_sessions();

  asio::io_context& io_;
  const Settings& settings_;
  Foundation foundation_;
  SystemClock clock_;
  SystemTimers timers_;
  SystemHost host_;
  Background background_;
  Changes changes_;
  ToldStore told_store_;
  Operations operations_;
  secrets::PasswordGate gate_;
  Accounts accounts_;
  Devices devices_;
  StrangersPorts strangers_;
  Driver driver_;
  Images images_;
  Containers containers_;
  Reconciler reconciler_;
  Sampler sampler_;
  Matlab matlab_;
  Terminals terminals_;
  History history_;
  LongWork long_work_;
  DeviceId device_;
  Remembered<std::string> answers_;
  api::platform::Services platform_services_;
  api::v1::Services v1_services_;
  api::matlab::Services matlab_services_;
  api::admin::Services admin_services_;
  std::unique_ptr<http::Server> platform_server_;
  std::unique_ptr<http::Server> matlab_server_;
  std::unique_ptr<http::Server> admin_server_;
};

// Every face's routes are listed before they are served.
std::vector<http::Route> App::listed(std::string face, std::vector<http::Route> routes) {
  for (const http::Route& route : routes) {
    admin_services_.served.push_back({face, route.method, route.pattern, route.access});
  }
  return routes;
}

Result<> App::listen() {
  http::ListenOptions platform{
      .address = settings_.platform.listen,
      .tls = tls_files(settings_.platform.tls_certificate, settings_.platform.tls_key),
      .refuse = api::refusal};
  api::PlatformRoutes routes{listed("platform", api::platform::routes(platform_services_)),
                             listed("v1", api::v1::routes(v1_services_)),
                             listed("page", api::page_routes(api::page_files()))};
  platform_server_ = std::make_unique<http::Server>(io_, std::move(platform),
                                                    api::platform_face(std::move(routes)));
  if (auto r = platform_server_->listen(); !r) return r;
  if (settings_.matlab.enabled) {
    if (auto r = listen_matlab(); !r) return r;
  }
  http::ListenOptions admin{.address = "unix:" + in_state(settings_, "admin.sock"),
                            .refuse = api::refusal};
  admin_server_ = std::make_unique<http::Server>(
      io_, std::move(admin), api::admin_face(listed("admin", api::admin::routes(admin_services_))));
  return admin_server_->listen();
}

Result<> App::listen_matlab() {
  for (const std::string& token : settings_.matlab.tokens) {
    matlab_services_.token_hashes.push_back(secrets::hash_token(token));
  }
  std::vector<Network> allow;
  for (const std::string& text : settings_.matlab.allow) {
    // The settings were checked when they were read.
    if (auto network = parse_network(text)) allow.push_back(*network);
  }
  http::ListenOptions options{
      .address = settings_.matlab.listen,
      .tls = tls_files(settings_.matlab.tls_certificate, settings_.matlab.tls_key),
      .refuse = api::matlab::refusal};
  api::MatlabGuard guard{std::move(allow), !settings_.matlab.tokens.empty(),
                         settings_.matlab.listen};
  auto face =
      api::matlab_face(listed("matlab", api::matlab::routes(matlab_services_)), std::move(guard));
  matlab_server_ = std::make_unique<http::Server>(io_, std::move(options), std::move(face));
  return matlab_server_->listen();
}

void App::start_background() {
  reconciler_.watch(device_);
  sampler_.start(device_);
  background_.start("introduce image", introduce_workspace_image());
  background_.start("sweep sessions", sweep_sessions());
}

// The public workspace image is image 1 of a new Berth, as soon as its engine has it.
Task<> App::introduce_workspace_image() {
  bool said = false;
  while (!background_.stopping()) {
    auto added = co_await images_.add(local_admin(), device_, settings_.image.workspace,
                                      settings_.image.workspace_name);
    if (added) co_return;
    if (!said)
      log(LogLevel::kWarn, "workspace image not there yet", {{"error", added.error().message}});
    said = true;
    co_await timers_.sleep(kImageRetry);
  }
}

Task<> App::sweep_sessions() {
  while (!background_.stopping()) {
    if (auto swept = co_await accounts_.delete_expired_sessions(); !swept) {
      log(LogLevel::kWarn, "expired sessions not deleted", {{"error", swept.error().message}});
    }
    co_await timers_.sleep(kSessionSweep);
  }
}

std::string App::platform_url() const {
  return url(settings_.platform.listen, platform_server_->port(),
             !settings_.platform.tls_certificate.empty());
}

void App::announce(const std::optional<std::string>& code) const {
  std::cout << "platform " << platform_url() << '\n';
  if (matlab_server_) {
    const bool tls = !settings_.matlab.tls_certificate.empty();
    std::cout << "matlab " << url(settings_.matlab.listen, matlab_server_->port(), tls) << '\n';
  }
  if (code) std::cout << "first admin code " << *code << '\n';
  std::cout << std::flush;
}

void App::print_guide(const std::optional<std::string>& code) const {
  constexpr char kJson[] = " -H 'Content-Type: application/json'";
  std::cout << "\nBerth is up. Ctrl-C ends it; containers keep running. Three commands to try:\n\n"
            << "  curl -c cookies.txt -X POST " << platform_url() << "/api/register" << kJson
            << " -d '{\"username\":\"me\",\"password\":\"choose-one\",\"email\":\"me@example.org\"";
  if (code) std::cout << ",\"code\":\"" << *code << "\"";
  std::cout << "}'\n  curl -b cookies.txt -X POST " << platform_url() << "/containers" << kJson
            << " -d '{\"iid\":1,\"name\":\"first\",\"cpu\":1,\"mem\":1024}'\n"
            << "  ssh root@" << settings_.device.ip
            << " -p PORTSSH     # portssh and passwd are in the answer\n\n";
  if (code) {
    std::cout << "The code makes the first account that uses it an admin, once. Without it: berth "
                 "user add NAME --role "
                 "admin\n\n";
  }
  std::cout << std::flush;
}

Task<> App::shut_down() {
  log(LogLevel::kInfo, "shutting down; containers keep running");
  background_.stop();
  co_await platform_server_->drain();
  if (matlab_server_) co_await matlab_server_->drain();
  co_await admin_server_->drain();
  io_.stop();
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
  Devices devices(store);
  co_return co_await devices.put(std::move(row), std::move(gpus));
}

// Runs one coroutine to its end, before the program serves anybody.
template <class T>
Result<T> run_now(asio::io_context& io, Task<Result<T>> task) {
  std::optional<Result<T>> result;
  asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, Result<T> value) {
    if (error) std::rethrow_exception(error);
    result = std::move(value);
  });
  io.restart();  // it stops by itself whenever it runs out of work
  while (!result && io.run_one() > 0) {
  }
  if (!result) return fail(ErrorCode::kInternal, "start-up was cut short");
  return std::move(*result);
}

int refuse_start(const Error& error) {
  std::cerr << "berth: " << error.message << (error.details.empty() ? "" : ": " + error.details)
            << '\n';
  return 1;
}

}  // namespace

int serve(const Settings& settings, bool with_guide) {
  asio::io_context io(1);
  if (auto r = check_endpoint(settings.device.docker_host); !r) return refuse_start(r.error());
  auto foundation = lay_foundation(io, settings);
  if (!foundation) return refuse_start(foundation.error());
  const bool key_is_new = foundation->sealer.is_new();
  if (auto r = run_now(io, check_key(*foundation->store, key_is_new)); !r) {
    std::filesystem::remove(in_state(settings, "seal.key"));
    return refuse_start(r.error());
  }
  auto installation = run_now(io, read_installation(*foundation->store));
  if (!installation) return refuse_start(installation.error());
  const CpuMemory facts = read_cpu_memory();
  auto device = run_now(
      io, put_local_device(*foundation->store, make_local_device(settings, facts), read_gpus()));
  if (!device) return refuse_start(device.error());

  App app(io, settings, std::move(*foundation), *installation, *device, facts.cores);
  if (auto r = app.listen(); !r) return refuse_start(r.error());
  auto code = run_now(io, app.first_admin_code());
  if (!code) return refuse_start(code.error());
  app.start_background();
  app.announce(*code);
  if (with_guide) app.print_guide(*code);

  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) asio::co_spawn(io, app.shut_down(), asio::detached);
  });
  io.restart();
  io.run();
  // Coroutines that still wait (the watch, the sampler, a container half-way) use parts of the app:
  // it is not taken apart under them. Whatever they were at, the next start takes up.
  std::cout << std::flush;
  std::quick_exit(0);
}

}  // namespace berth::cli
