#include "cli/app.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <utility>

#include "api/answers.hpp"
#include "api/faces.hpp"
#include "api/page.hpp"
#include "base/limits.hpp"
#include "base/log.hpp"
#include "cli/shown_settings.hpp"
#include "secrets/tokens.hpp"
#include "settings/address.hpp"

namespace berth::cli {
namespace {

namespace asio = boost::asio;

constexpr auto kSessionSweep = std::chrono::hours(1);

std::optional<http::TlsFiles> tls_files(const std::string& certificate, const std::string& key) {
  if (certificate.empty()) return std::nullopt;
  return http::TlsFiles{certificate, key};
}

std::string url(const std::string& listen, std::uint16_t port, bool tls) {
  return std::string(tls ? "https://" : "http://") + listen.substr(0, listen.rfind(':')) + ":" +
         std::to_string(port);
}

}  // namespace

App::App(asio::io_context& io, const Settings& settings, Control& control, Options options)
    : io_(io),
      signals_(io, SIGINT, SIGTERM),
      settings_(settings),
      control_(control),
      options_(std::move(options)),
      answers_(control.store, control.clock, limits::kRememberedAnswers),
      platform_services_{control.accounts,
                         control.containers,
                         control.devices,
                         control.images,
                         answers_,
                         settings.platform.legacy_lists,
                         settings.platform.session_days * 24 * 3600},
      v1_services_{control.accounts,
                   control.api_tokens,
                   control.containers,
                   control.devices,
                   control.images,
                   control.operations,
                   control.long_work,
                   control.history,
                   control.sampler,
                   control.gpu_sampler,
                   control.terminals,
                   control.changes,
                   control.background,
                   control.clock,
                   control.matlab_if_any(),
                   settings.matlab.publish_ip,
                   settings.platform.session_days * 24 * 3600,
                   options_.demo_accounts,
                   shown_settings(settings)},
      matlab_services_{control.matlab, answers_, {}},
      admin_services_{control.accounts, control.containers,      control.devices,
                      control.images,   control.matlab_if_any(), {}} {}

// Every face's routes are listed before they are served.
std::vector<http::Route> App::listed(std::string face, std::vector<http::Route> routes) {
  for (const http::Route& route : routes) {
    admin_services_.served.push_back({face, route.method, route.pattern, route.access});
  }
  return routes;
}

Result<> App::listen() {
  if (auto r = listen_platform(); !r) return r;
  if (settings_.matlab.enabled) {
    if (auto r = listen_matlab(); !r) return r;
  }
  if (options_.with_admin_socket) {
    if (auto r = listen_admin(); !r) return r;
  }
  control_.background.start("sweep sessions", sweep_sessions());
  return ok();
}

Result<> App::listen_platform() {
  http::ListenOptions options{
      .address = settings_.platform.listen,
      .tls = tls_files(settings_.platform.tls_certificate, settings_.platform.tls_key),
      .refuse = api::refusal};
  api::PlatformRoutes routes{listed("platform", api::platform::routes(platform_services_)),
                             listed("v1", api::v1::routes(v1_services_)),
                             listed("page", api::page_routes(api::page_files()))};
  platform_server_ = std::make_unique<http::Server>(io_, std::move(options),
                                                    api::platform_face(std::move(routes)));
  return platform_server_->listen();
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

Result<> App::listen_admin() {
  http::ListenOptions options{.address = "unix:" + settings_.state_dir + "/admin.sock",
                              .refuse = api::refusal};
  auto face = api::admin_face(listed("admin", api::admin::routes(admin_services_)));
  admin_server_ = std::make_unique<http::Server>(io_, std::move(options), std::move(face));
  return admin_server_->listen();
}

Task<> App::sweep_sessions() {
  while (!control_.background.stopping()) {
    if (auto swept = co_await control_.accounts.delete_expired_sessions(); !swept) {
      log(LogLevel::kWarn, "expired sessions not deleted", {{"error", swept.error().message}});
    }
    if (auto swept = co_await control_.api_tokens.delete_long_expired(); !swept) {
      log(LogLevel::kWarn, "expired tokens not deleted", {{"error", swept.error().message}});
    }
    co_await control_.timers.sleep(kSessionSweep);
  }
}

std::string App::platform_url() const {
  return url(settings_.platform.listen, platform_server_->port(),
             !settings_.platform.tls_certificate.empty());
}

std::string App::matlab_url() const {
  if (!matlab_server_) return {};
  return url(settings_.matlab.listen, matlab_server_->port(),
             !settings_.matlab.tls_certificate.empty());
}

Task<> App::shut_down() {
  if (std::exchange(is_ending_, true)) co_return;
  log(LogLevel::kInfo, "shutting down; containers keep running");
  control_.background.stop();
  for (http::Server* server : {platform_server_.get(), matlab_server_.get(), admin_server_.get()}) {
    if (server != nullptr) co_await server->drain();
  }
  io_.stop();
}

void App::serve_until_told() {
  signals_.async_wait([&](const boost::system::error_code& error, int) {
    if (!error) asio::co_spawn(io_, shut_down(), asio::detached);
  });
  io_.restart();
  io_.run();
  std::cout << std::flush;
  std::quick_exit(exit_code_);
}

void App::end(int exit_code) {
  exit_code_ = exit_code;
  asio::co_spawn(io_, shut_down(), asio::detached);
}

}  // namespace berth::cli
