#include "options.hpp"

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace bridge {
namespace {

constexpr const char* kUsage =
    "usage: berth-bridge [--console PORT --page FILE] (--link PORT | -- PROGRAM ARGUMENT...)";

std::uint16_t to_port(const std::string& text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, port);
  if (failure != std::errc() || stop != end || port == 0) {
    throw std::runtime_error("not a port: " + text);
  }
  return port;
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Without the setting: the console's page belongs to the console alone, and the service, which
// other people's pages are made for, is open to all of them.
void read_origins(Options& options) {
  const char* setting = std::getenv("BERTH_ALLOWED_ORIGINS");
  if (setting == nullptr || *setting == '\0') {
    options.service_origins.anyone = true;
    return;
  }
  std::istringstream list(setting);
  OriginRule rule;
  for (std::string origin; std::getline(list, origin, ',');) {
    if (origin == "*")
      rule.anyone = true;
    else
      rule.allowed.push_back(origin);
  }
  options.console_origins = options.service_origins = rule;
}

}  // namespace

Options read_options(std::vector<std::string> arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string& name = arguments[i];
    if (name == "--") {
      options.command.assign(arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                             arguments.end());
      break;
    }
    if (i + 1 == arguments.size()) throw std::runtime_error(kUsage);
    const std::string& value = arguments[i + 1];
    if (name == "--console")
      options.console_port = to_port(value);
    else if (name == "--page")
      options.page = read_file(value);
    else if (name == "--link")
      options.link_port = to_port(value);
    else
      throw std::runtime_error(kUsage);
  }
  if (options.command.empty() != options.link_port.has_value()) throw std::runtime_error(kUsage);
  if (options.console_port && options.page.empty()) throw std::runtime_error(kUsage);
  read_origins(options);
  return options;
}

}  // namespace bridge
