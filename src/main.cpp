#include <CLI/CLI.hpp>
#include <clocale>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>

#include "base/log.hpp"
#include "cli/check_devices.hpp"
#include "cli/commands.hpp"
#include "cli/demo.hpp"
#include "cli/doctor.hpp"
#include "cli/serve.hpp"
#include "settings/settings.hpp"

namespace {

using namespace berth;
using cli::Commands;
using cli::Exit;
using cli::percent_encode;

struct Options {
  std::string config;
  std::string state_dir;
  bool json = false;
};

// What the chosen subcommand does once the settings are read.
using Action = std::function<int(const Settings&, const Commands&)>;

int to_int(Exit exit) { return static_cast<int>(exit); }

std::string read_password_or_exit(bool from_stdin) {
  auto password = cli::read_new_password(from_stdin);
  if (password) return *password;
  std::cerr << "berth: " << password.error().message << '\n';
  std::exit(to_int(Exit::kRefused));
}

struct UserArguments {
  std::string name;
  std::string email;
  std::string role = "user";
  bool password_stdin = false;
};

void add_user_commands(CLI::App& app, Action& action) {
  auto* user = app.add_subcommand("user", "Accounts")->require_subcommand(1);
  auto arguments = std::make_shared<UserArguments>();

  auto* add = user->add_subcommand(
      "add", "Add an account; the password is asked for, or read from standard input");
  add->add_option("name", arguments->name, "1 to 32 of letters, digits and _ . -")->required();
  add->add_option("--email", arguments->email, "default: NAME@localhost");
  add->add_option("--role", arguments->role, "user or admin")
      ->check(CLI::IsMember({"user", "admin"}));
  add->add_flag("--password-stdin", arguments->password_stdin,
                "read it from standard input, not the terminal");
  add->callback([arguments, &action] {
    action = [arguments](const Settings&, const Commands& commands) {
      const std::string email =
          arguments->email.empty() ? arguments->name + "@localhost" : arguments->email;
      return to_int(
          commands.change("POST", "/users",
                          {{"name", arguments->name},
                           {"email", email},
                           {"role", arguments->role},
                           {"password", read_password_or_exit(arguments->password_stdin)}},
                          "user " + arguments->name + " added, uid {uid}"));
    };
  });

  user->add_subcommand("list", "All accounts")->callback([&action] {
    action = [](const Settings&, const Commands& commands) {
      return to_int(commands.list(
          "/users", {"users", {"uid", "name", "email", "role", "disabled", "created"}}));
    };
  });

  auto* passwd = user->add_subcommand("passwd", "Set a new password; ends the user's sessions");
  passwd->add_option("name", arguments->name)->required();
  passwd->add_flag("--password-stdin", arguments->password_stdin,
                   "read it from standard input, not the terminal");
  passwd->callback([arguments, &action] {
    action = [arguments](const Settings&, const Commands& commands) {
      return to_int(commands.change(
          "PUT", "/users/" + percent_encode(arguments->name) + "/password",
          {{"password", read_password_or_exit(arguments->password_stdin)}}, "password set"));
    };
  });

  for (const bool disabled : {true, false}) {
    auto* command =
        user->add_subcommand(disabled ? "disable" : "enable",
                             disabled ? "Lock an account out at once; its containers keep running"
                                      : "Let a disabled account in again");
    command->add_option("name", arguments->name)->required();
    command->callback([arguments, disabled, &action] {
      action = [arguments, disabled](const Settings&, const Commands& commands) {
        return to_int(commands.change("PUT",
                                      "/users/" + percent_encode(arguments->name) + "/disabled",
                                      {{"disabled", disabled}}, disabled ? "disabled" : "enabled"));
      };
    });
  }
}

void add_drain_command(CLI::App& device, Action& action, const std::string& name,
                       const std::string& what, bool draining) {
  auto did = std::make_shared<std::int64_t>(0);
  auto* command = device.add_subcommand(name, what);
  command->add_option("did", *did)->required();
  command->callback([did, draining, &action] {
    action = [did, draining](const Settings&, const Commands& commands) {
      return to_int(commands.change("PUT", "/devices/" + std::to_string(*did) + "/draining",
                                    {{"draining", draining}}, draining ? "draining" : "resumed"));
    };
  });
}

void add_device_commands(CLI::App& app, Action& action) {
  auto* device = app.add_subcommand("device", "The machines")->require_subcommand(1);
  auto did = std::make_shared<std::int64_t>(0);
  device->add_subcommand("list", "All devices, and what is used of them")->callback([&action] {
    action = [](const Settings&, const Commands& commands) {
      return to_int(commands.list(
          "/devices", {"devices",
                       {"did", "name", "reachable", "retired", "draining", "used_cpu", "cpu",
                        "used_memory_mb", "memory_mb", "gpus", "ip", "ports"}}));
    };
  });
  auto* show = device->add_subcommand("show", "Everything about one device");
  show->add_option("did", *did)->required();
  show->callback([did, &action] {
    action = [did](const Settings&, const Commands& commands) {
      return to_int(commands.show("/devices/" + std::to_string(*did), "device"));
    };
  });
  add_drain_command(*device, action, "drain", "Place nothing new there; what runs goes on", true);
  add_drain_command(*device, action, "resume", "Place containers there again", false);
  auto* trust = device->add_subcommand(
      "trust", "Accept another engine behind a known device, after it was replaced");
  trust->add_option("did", *did)->required();
  trust->callback([did, &action] {
    action = [did](const Settings&, const Commands& commands) {
      return to_int(
          commands.change("POST", "/devices/" + std::to_string(*did) + "/trust", {}, "trusted"));
    };
  });
}

struct ImageArguments {
  std::int64_t iid = 0;
  std::int64_t did = 1;
  std::string reference;
  std::string name;
  bool is_private = false;
};

void add_image_commands(CLI::App& app, Action& action) {
  auto* image = app.add_subcommand("image", "Images people start from")->require_subcommand(1);
  auto arguments = std::make_shared<ImageArguments>();
  image->add_subcommand("list", "All images")->callback([&action] {
    action = [](const Settings&, const Commands& commands) {
      return to_int(commands.list(
          "/images", {"images", {"iid", "did", "name", "user", "public", "size", "reference"}}));
    };
  });
  auto* add =
      image->add_subcommand("add", "Offer an image that the device's engine has to everybody");
  add->add_option("reference", arguments->reference, "as the engine calls it, e.g. pytorch:2.4")
      ->required();
  add->add_option("--name", arguments->name, "what people see; default: the reference");
  add->add_option("--device", arguments->did, "default: 1, this machine");
  add->callback([arguments, &action] {
    action = [arguments](const Settings&, const Commands& commands) {
      const std::string& name = arguments->name.empty() ? arguments->reference : arguments->name;
      return to_int(commands.change(
          "POST", "/images",
          {{"did", arguments->did}, {"reference", arguments->reference}, {"name", name}},
          "image added, iid {iid}"));
    };
  });
  auto* publish = image->add_subcommand("publish", "Let everybody use a saved image");
  publish->add_option("iid", arguments->iid)->required();
  publish->add_flag("--private", arguments->is_private, "take it back to its owner alone");
  publish->callback([arguments, &action] {
    action = [arguments](const Settings&, const Commands& commands) {
      return to_int(commands.change("PUT", "/images/" + std::to_string(arguments->iid) + "/public",
                                    {{"public", !arguments->is_private}},
                                    arguments->is_private ? "private" : "public"));
    };
  });
}

void add_container_commands(CLI::App& app, Action& action) {
  auto* container =
      app.add_subcommand("container", "Everybody's containers")->require_subcommand(1);
  auto cid = std::make_shared<std::int64_t>(0);
  container->add_subcommand("list", "All containers")->callback([&action] {
    action = [](const Settings&, const Commands& commands) {
      return to_int(commands.list("/containers", {"containers",
                                                  {"cid", "user", "name", "state", "reason", "cpu",
                                                   "memory_mb", "gpus", "image", "device"}}));
    };
  });
  const auto add = [&](const char* name, const char* help,
                       std::function<Exit(const Commands&, std::string)> run) {
    auto* command = container->add_subcommand(name, help);
    command->add_option("cid", *cid)->required();
    command->callback([cid, run, &action] {
      action = [cid, run](const Settings&, const Commands& commands) {
        return to_int(run(commands, "/containers/" + std::to_string(*cid)));
      };
    });
  };
  add("show", "Everything about one container", [](const Commands& commands, std::string target) {
    return commands.show(target, "container");
  });
  add("stop", "Stop it; files, ports and password stay",
      [](const Commands& commands, std::string target) {
        return commands.change("POST", target + "/stop", {}, "stopped");
      });
  add("rm", "Delete it; its data folder stays", [](const Commands& commands, std::string target) {
    return commands.change("DELETE", target, {}, "deleted");
  });
}

void add_server_commands(CLI::App& app, Action& action) {
  auto* serve = app.add_subcommand("serve", "Run Berth in the foreground");
  auto with_guide = std::make_shared<bool>(false);
  serve->add_flag("--guide", *with_guide, "also print what to do first");
  serve->callback([with_guide, &action] {
    action = [with_guide](const Settings& settings, const Commands&) {
      return cli::serve(settings, *with_guide);
    };
  });
  app.add_subcommand("doctor", "Look for what breaks labs on this machine")->callback([&action] {
    action = [](const Settings& settings, const Commands& commands) {
      return cli::doctor(settings, commands.json());
    };
  });
  app.add_subcommand("routes", "Every HTTP route that is served, with its access class")
      ->callback([&action] {
        action = [](const Settings&, const Commands& commands) {
          return to_int(
              commands.list("/routes", {"routes", {"face", "method", "pattern", "access"}}));
        };
      });
  auto* config = app.add_subcommand("config", "The settings")->require_subcommand(1);
  config->add_subcommand("check", "Say whether they are right")->callback([&action] {
    action = [](const Settings& settings, const Commands&) {
      if (auto r = cli::check_devices(settings); !r) {
        std::cerr << "berth: " << r.error().message << '\n';
        return to_int(Exit::kUsage);
      }
      std::cout << "the settings are right; state_dir is " << settings.state_dir << '\n';
      return 0;
    };
  });
  auto* matlab = app.add_subcommand("matlab", "MATLAB sessions")->require_subcommand(1);
  matlab->add_subcommand("list", "All sessions")->callback([&action] {
    action = [](const Settings&, const Commands& commands) {
      return to_int(commands.list("/matlab", {"sessions",
                                              {"user_id", "container_id", "state", "reason",
                                               "http_port", "ws_port", "created"}}));
    };
  });
}

// It has settings of its own: nothing of a real Berth comes near it.
void add_demo_command(CLI::App& app, std::optional<cli::DemoOptions>& chosen) {
  auto* demo = app.add_subcommand(
      "demo", "Try Berth over a simulated lab in memory: needs no engine, keeps nothing");
  auto options = std::make_shared<cli::DemoOptions>();
  demo->add_option("--seed", options->seed, "which lab; the same number makes the same");
  demo->add_option("--listen", options->listen,
                   "page and API; default 127.0.0.1:5000, or the next free port");
  demo->add_option("--matlab-listen", options->matlab_listen,
                   "MATLAB's API; default 127.0.0.1:8080, or the next free port");
  demo->add_flag("--open-to-others", options->open_to_others,
                 "listen where other machines reach it; its passwords are known to all");
  demo->callback([options, &chosen] { chosen = *options; });
}

int run_demo(const cli::DemoOptions& demo, const Options& options) {
  if (options.config.empty() && options.state_dir.empty()) return cli::demo(demo);
  std::cerr
      << "berth demo: it has nothing to do with a real Berth and keeps nothing, so it takes no "
         "--config (or BERTH_CONFIG) and no --state-dir\n";
  return to_int(Exit::kUsage);
}

std::optional<Settings> read_settings(const Options& options) {
  Surroundings surroundings = read_surroundings();
  if (!options.state_dir.empty()) surroundings.environment["BERTH_STATE_DIR"] = options.state_dir;
  std::optional<std::filesystem::path> file;
  if (!options.config.empty()) file = options.config;
  auto settings = load_settings(file, surroundings);
  if (!settings) {
    std::cerr << "berth: " << settings.error().message << '\n';
    return std::nullopt;
  }
  for (const std::string& warning : settings->warnings)
    log(LogLevel::kWarn, "setting", {{"warning", warning}});
  set_log_level(settings->log_level);
  return *settings;
}

}  // namespace

int main(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  CLI::App app{"Berth gives every member of a lab a place on shared machines."};
  app.set_version_flag("--version", BERTH_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  Options options;
  app.add_option("--config", options.config,
                 "settings file (TOML); default /etc/berth/berth.toml when it exists")
      ->envname("BERTH_CONFIG")
      ->check(CLI::ExistingFile);
  app.add_option("--state-dir", options.state_dir,
                 "where the database, the key and the socket are");
  app.add_flag("--json", options.json, "print answers as JSON");
  Action action;
  std::optional<cli::DemoOptions> demo;
  add_server_commands(app, action);
  add_demo_command(app, demo);
  add_user_commands(app, action);
  add_device_commands(app, action);
  add_image_commands(app, action);
  add_container_commands(app, action);
  CLI11_PARSE(app, argc, argv);

  if (demo) return run_demo(*demo, options);
  if (options.config.empty() && std::filesystem::exists("/etc/berth/berth.toml")) {
    options.config = "/etc/berth/berth.toml";
  }
  const auto settings = read_settings(options);
  if (!settings) return to_int(Exit::kUsage);
  const Commands commands(cli::AdminClient(settings->state_dir + "/admin.sock"), options.json);
  return action(*settings, commands);
}
