#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server.hpp"

namespace bridge {

struct Options {
  std::optional<std::uint16_t> console_port;
  std::string page;                        // the file's content
  std::optional<std::uint16_t> link_port;  // MATLAB connects here; without it
  std::vector<std::string> command;        // this program is the interpreter
  OriginRule console_origins;
  OriginRule service_origins;
};

// Throws std::runtime_error with a message for the person who typed it. Reads BERTH_ALLOWED_ORIGINS
// as well.
Options read_options(std::vector<std::string> arguments);

}  // namespace bridge
