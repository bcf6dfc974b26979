#include "demo/shell.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/time_text.hpp"

namespace berth::demo {
namespace {

constexpr char kCommands[] = "echo ls pwd whoami hostname date nvidia-smi help exit";

std::string list_files(Kind kind) {
  constexpr std::string_view kFolder = "\x1b[1;34m{}\x1b[0m";
  if (kind == Kind::kTraining)
    return fmt::format(kFolder, "data") + "  " + fmt::format(kFolder, "runs") +
           "  README.md  train.py\r\n";
  return fmt::format(kFolder, "plots") + "  notes.ipynb\r\n";
}

std::string list_root() {
  std::string line;
  for (const char* folder :
       {"bin", "etc", "home", "opt", "pub_data", "root", "tmp", "usr", "var", "workspace"})
    line += fmt::format("\x1b[1;34m{}\x1b[0m  ", folder);
  return line + "\r\n";
}

// As the real one's table, with what moves in it moving.
std::string list_gpus(const memory::Container& container, const std::string& gpu, WallTime now) {
  if (container.spec.gpu_uuids.empty()) return "No devices were found\r\n";
  const Workload work(container);
  const auto uptime = container.runs.back().length(now);
  std::string table = "| GPU  Name                      | Util |  Temp |\r\n";
  for (std::size_t i = 0; i < container.spec.gpu_uuids.size(); ++i) {
    const double busy = work.gpu_busy_percent(i, uptime);
    table += fmt::format("| {:>3}  {:<25} | {:>3.0f}% | {:>3.0f} C |\r\n", i, gpu, busy,
                         34 + 0.38 * busy);
  }
  return table;
}

}  // namespace

std::string shell_prompt(const memory::Container& container) {
  return "\x1b[1;36mroot@" + container.spec.hostname + "\x1b[0m:/workspace# ";
}

std::string shell_answer(const memory::Container& container, const std::string& gpu,
                         std::string_view line, WallTime now) {
  const std::string_view command = line.substr(0, line.find(' '));
  const std::string_view rest = line.substr(std::min(line.size(), command.size() + 1));
  if (command == "echo") return std::string(rest) + "\r\n";
  if (command == "ls" && rest.ends_with('/')) return list_root();
  if (command == "ls") return list_files(Workload(container).kind());
  if (command == "pwd") return "/workspace\r\n";
  if (command == "whoami") return "root\r\n";
  if (command == "hostname") return container.spec.hostname + "\r\n";
  if (command == "date") return format_rfc3339(now) + "\r\n";
  if (command == "nvidia-smi") return list_gpus(container, gpu, now);
  if (command == "help") return std::string("This shell of the demo knows: ") + kCommands + "\r\n";
  return std::string(command) + ": not in the demo; try help\r\n";
}

}  // namespace berth::demo
