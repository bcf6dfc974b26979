#include "engine/arguments.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace berth {
namespace {

constexpr std::int64_t kLeastMemoryMb = 6;  // Docker's own minimum
constexpr std::size_t kIdLength = 64;
constexpr std::size_t kLongestName = 255;
constexpr std::string_view kIdPrefix = "sha256:";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::string_view marks) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter_or_digit(c) || marks.find(c) != marks.npos; });
}

bool is_segment(std::string_view segment) {
  return !segment.empty() && is_letter_or_digit(segment.front()) &&
         segment.find("..") == segment.npos;
}

bool has_sound_segments(std::string_view name) {
  for (;;) {
    const auto slash = name.find('/');
    if (!is_segment(name.substr(0, slash))) return false;
    if (slash == name.npos) return true;
    name.remove_prefix(slash + 1);
  }
}

bool has_nul(std::string_view text) { return text.find('\0') != text.npos; }

Result<> invalid(std::string message) { return fail(ErrorCode::kInvalid, std::move(message)); }

Result<> check_sizes(const ContainerSpec& spec) {
  if (spec.cpu_cores < 1 || spec.cpu_cores > limits::kCpuCores)
    return invalid("cpu_cores: at least 1");
  if (spec.memory_mb < kLeastMemoryMb || spec.memory_mb > limits::kMemoryMax)
    return invalid("memory_mb: at least 6");
  if (spec.shm_mb < 1 || spec.shm_mb > limits::kMemoryMax) return invalid("shm_mb: at least 1");
  if (spec.pids < 1) return invalid("pids: at least 1");
  return ok();
}

Result<> check_texts(const ContainerSpec& spec) {
  if (spec.image.empty() || has_nul(spec.image) || has_nul(spec.hostname))
    return invalid("image or hostname is wrong");
  for (const auto& [name, value] : spec.env) {
    if (name.empty() || name.find('=') != name.npos || has_nul(name) || has_nul(value))
      return invalid("env: " + name);
  }
  for (const auto& mount : spec.mounts) {
    if (!mount.host_path.starts_with('/') || !mount.container_path.starts_with('/'))
      return invalid("mounts: absolute paths");
    if (has_nul(mount.host_path) || has_nul(mount.container_path))
      return invalid("mounts: no zero bytes");
    // Docker writes these as one text, from:to:how.
    if (mount.make_missing &&
        (mount.host_path + mount.container_path).find(':') != std::string::npos)
      return invalid("mounts: no colons in a path that is to be made");
  }
  if (std::any_of(spec.command.begin(), spec.command.end(), has_nul))
    return invalid("command: no zero bytes");
  if (spec.all_gpus && !spec.gpu_uuids.empty()) return invalid("gpu_uuids: all, or these");
  for (const auto& gpu : spec.gpu_uuids) {
    if (gpu.empty() || gpu == "all" || has_nul(gpu)) return invalid("gpu_uuids: by UUID");
  }
  return ok();
}

Result<> check_ports(const ContainerSpec& spec) {
  const auto is_port = [](int port) { return port >= 1 && port <= 65'535; };
  for (const auto& port : spec.ports) {
    if (!is_port(port.container_port) || !is_port(port.host_port))
      return invalid("ports: 1 to 65535");
  }
  return ok();
}

}  // namespace

Result<> check_container(std::string_view name) {
  const bool is_sound = !name.empty() && name.size() <= kLongestName &&
                        is_letter_or_digit(name.front()) && consists_of(name, "_.-");
  if (!is_sound) return fail(ErrorCode::kInvalid, "that is no container's name or id");
  return ok();
}

Result<> check_image(std::string_view name) {
  const bool is_sound =
      name.size() <= kLongestName && consists_of(name, "_.-/:@") && has_sound_segments(name);
  if (!is_sound) return fail(ErrorCode::kInvalid, "that is no image's name or id");
  return ok();
}

Result<> check_label(std::string_view label) {
  const auto is_plain = [](unsigned char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\';
  };
  if (label.empty() || !std::all_of(label.begin(), label.end(), is_plain))
    return invalid("a label is printable, without quotes");
  return ok();
}

Result<> check_change(std::string_view change) {
  if (change.empty() || change.find_first_of(std::string_view("\r\n\0", 3)) != change.npos)
    return invalid("a change is one line");
  return ok();
}

Result<> check_spec(const ContainerSpec& spec) {
  if (auto checked = check_container(spec.name); !checked) return checked;
  for (auto check : {check_sizes, check_texts, check_ports}) {
    if (auto checked = check(spec); !checked) return checked;
  }
  return ok();
}

Result<> check_size(const TerminalSize& size) {
  const auto is_side = [](int side) { return side >= 1 && side <= limits::kTerminalSide; };
  if (!is_side(size.columns) || !is_side(size.rows))
    return invalid("a terminal has 1 to 1000 columns and rows");
  return ok();
}

Result<> check_terminal(std::string_view container, const TerminalSpec& spec) {
  if (auto checked = check_container(container); !checked) return checked;
  if (spec.command.empty() || spec.command.front().empty())
    return invalid("command: must not be empty");
  if (std::any_of(spec.command.begin(), spec.command.end(), has_nul))
    return invalid("command: no zero bytes");
  for (const auto& [name, value] : spec.env) {
    if (name.empty() || name.find('=') != name.npos || has_nul(name) || has_nul(value))
      return invalid("env: NAME=value without zero bytes");
  }
  return check_size(spec.size);
}

Result<RepositoryTag> split_tag(std::string_view name) {
  auto checked = check_image(name);
  if (!checked) return std::unexpected(checked.error());
  if (name.find('@') != name.npos || is_image_id(name))
    return fail(ErrorCode::kInvalid, "an image's tag cannot be an id");
  const auto colon = name.rfind(':');
  const auto slash = name.rfind('/');
  if (colon == name.npos || (slash != name.npos && colon < slash))
    return RepositoryTag{std::string(name), "latest"};
  if (colon == 0 || colon + 1 == name.size())
    return fail(ErrorCode::kInvalid, "an image's tag cannot be empty");
  return RepositoryTag{std::string(name.substr(0, colon)), std::string(name.substr(colon + 1))};
}

bool is_hex_id(std::string_view text) {
  return text.size() == kIdLength && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool is_image_id(std::string_view text) {
  return text.starts_with(kIdPrefix) && is_hex_id(text.substr(kIdPrefix.size()));
}

}  // namespace berth
