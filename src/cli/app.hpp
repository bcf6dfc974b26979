#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <memory>
#include <string>
#include <vector>

#include "api/admin/admin_face.hpp"
#include "api/matlab/matlab_face.hpp"
#include "api/platform/platform.hpp"
#include "api/v1/v1.hpp"
#include "control/control.hpp"
#include "control/remembered.hpp"
#include "http/server.hpp"
#include "settings/settings.hpp"

namespace berth::cli {

// What everybody meets: the faces over one Control, their listeners, and their end. `serve` and
// `demo` differ in what they put under it.
class App {
 public:
  struct Options {
    bool with_admin_socket = true;                      // in the state folder
    std::vector<api::v1::DemoAccount> demo_accounts{};  // with any, this is the simulated lab
  };

  // `settings` and `control` must outlive it.
  App(boost::asio::io_context& io, const Settings& settings, Control& control, Options options);

  Result<> listen();
  // Serves until SIGTERM or SIGINT, and lets requests in flight finish. Coroutines that still wait
  // (the watch, the sampler, a container half-way) use parts of Control: it is not taken apart
  // under them, the process ends here.
  [[noreturn]] void serve_until_told();
  // The same end as by a signal, and that is the exit code.
  void end(int exit_code);

  std::string platform_url() const;
  std::string matlab_url() const;  // empty: no such face

 private:
  Result<> listen_platform();
  Result<> listen_matlab();
  Result<> listen_admin();
  std::vector<http::Route> listed(std::string face, std::vector<http::Route> routes);
  Task<> sweep_sessions();
  Task<> shut_down();

  boost::asio::io_context& io_;
  boost::asio::signal_set signals_;  // from the beginning: one that comes early is not lost
  const Settings& settings_;
  Control& control_;
  Options options_;
  Remembered<std::string> answers_;
  api::platform::Services platform_services_;
  api::v1::Services v1_services_;
  api::matlab::Services matlab_services_;
  api::admin::Services admin_services_;
  std::unique_ptr<http::Server> platform_server_;
  std::unique_ptr<http::Server> matlab_server_;  // null: not enabled
  std::unique_ptr<http::Server> admin_server_;   // null: no socket
  int exit_code_ = 0;
  bool is_ending_ = false;
};

}  // namespace berth::cli
