#include "cli/demo.hpp"

#include <boost/asio/io_context.hpp>
#include <iostream>

#include "base/log.hpp"
#include "cli/app.hpp"
#include "cli/control_rules.hpp"
#include "cli/run_now.hpp"
#include "demo/lab.hpp"
#include "http/listen_socket.hpp"
#include "secrets/seal.hpp"
#include "settings/address.hpp"
#include "settings/settings.hpp"
#include "store/sql/sql_store.hpp"

namespace berth::cli {
namespace {

constexpr int kPortsTried = 20;

int refuse(const Error& error) {
  std::cerr << "berth demo: " << error.message
            << (error.details.empty() ? "" : ": " + error.details) << '\n';
  return 1;
}

// The first port from here on at which nobody listens; the last one tried says why if none is free.
std::string next_free(std::uint16_t port) {
  std::string address;
  for (int i = 0; i < kPortsTried; ++i) {
    address = "127.0.0.1:" + std::to_string(port + i);
    if (http::ListenSocket::open(address)) break;
  }
  return address;
}

Result<> check_address(const std::string& option, const std::string& text, bool open_to_others) {
  const auto address = parse_listen_address(text);
  if (!address) return fail(ErrorCode::kInvalid, option + ": must be ADDRESS:PORT, in numbers");
  if (open_to_others || is_loopback_address(address->ip)) return ok();
  return fail(ErrorCode::kInvalid,
              option + ": " + text +
                  " can be reached from other machines, and everybody knows the demo's passwords; "
                  "add --open-to-others if that is what you want");
}

Settings make_settings(const DemoOptions& options) {
  Settings settings;
  settings.platform.listen = options.listen.empty() ? next_free(5000) : options.listen;
  settings.matlab.listen = options.matlab_listen.empty() ? next_free(8080) : options.matlab_listen;
  settings.matlab.image = demo::kMatlabImage;
  settings.matlab.data_root = "/data/matlab";
  settings.matlab.publish_ip = "192.0.2.11";
  settings.device.docker_host = "memory:atlas";
  settings.device.ip = settings.device.publish_ip = "192.0.2.11";
  settings.device.data_dir = "/data/berth";
  settings.image.workspace = demo::reference("workspace");
  return settings;
}

std::vector<api::v1::DemoAccount> demo_accounts() {
  std::vector<api::v1::DemoAccount> accounts;
  for (const demo::Person& person : demo::people()) {
    if (person.may_be_played) accounts.push_back({person.name, demo::kPassword, person.role});
  }
  return accounts;
}

void announce(const App& app, std::uint64_t seed) {
  std::cout << "demo: a simulated lab in memory (seed " << seed
            << "). Nothing here is real, and nothing is kept.\n"
            << "platform " << app.platform_url() << '\n'
            << "matlab " << app.matlab_url() << '\n';
  std::cout << "log in as ";
  for (const auto& account : demo_accounts())
    std::cout << account.username << (account.role == Role::kAdmin ? " (admin)" : "") << ", ";
  std::cout << "password " << demo::kPassword << std::endl;
}

}  // namespace

int demo(const DemoOptions& options) {
  for (const auto& [option, address] : {std::pair{"--listen", options.listen},
                                        std::pair{"--matlab-listen", options.matlab_listen}}) {
    if (address.empty()) continue;
    if (auto r = check_address(option, address, options.open_to_others); !r)
      return refuse(r.error());
  }
  set_log_level("error");  // machines that go away are part of the play
  const Settings settings = make_settings(options);
  boost::asio::io_context io(1);
  auto store = open_sqlite(io, {.path = ":memory:", .inline_writes = true});
  if (!store) return refuse(store.error());
  const auto sealer = secrets::Sealer::with_passing_key();
  demo::Lab lab(options.seed, SystemClock().now());
  auto devices = run_now(io, lab.put_machines(**store));
  if (!devices) return refuse(devices.error());
  const DeviceId first = devices->front();
  Control control(
      {io.get_executor(), **store, lab.host(), lab.time(), lab.time(), sealer},
      control_rules(settings, "demo", first, lab.machines().front().row.cpu_cores, *devices));
  if (auto r = run_now(io, lab.play_week(control)); !r) return refuse(r.error());

  App app(io, settings, control, {.with_admin_socket = false, .demo_accounts = demo_accounts()});
  if (auto r = app.listen(); !r) return refuse(r.error());
  lab.time().let_go();
  control.start(*devices);
  control.background.start("the lab goes on", lab.live(control));
  announce(app, options.seed);
  app.serve_until_told();
}

}  // namespace berth::cli
