#include "host/gpus.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "host/nvidia_smi.hpp"
#include "host/small_file.hpp"

namespace berth {
namespace {

constexpr std::size_t kNameLength = 80;
constexpr auto kDeadline = std::chrono::seconds(10);

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

// Some boards share the machine's memory and have none of their own to name: "[N/A]".
std::optional<std::int64_t> parse_memory(std::string_view text) {
  if (text.find("N/A") != text.npos || text == "[Not Supported]") return 0;
  return parse_number<std::int64_t>(text);
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= kNameLength &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7F; });
}

// index, uuid, name, memory: the name is what lies between, whatever is in it.
std::optional<HostGpu> parse_line(std::string_view line) {
  const std::size_t first = line.find(',');
  const std::size_t second = line.find(',', first == line.npos ? first : first + 1);
  const std::size_t last = line.rfind(',');
  if (second == line.npos || last == second) return std::nullopt;
  const auto index = parse_number<int>(trim(line.substr(0, first)));
  const std::string_view uuid = trim(line.substr(first + 1, second - first - 1));
  const std::string_view name = trim(line.substr(second + 1, last - second - 1));
  const auto memory = parse_memory(trim(line.substr(last + 1)));
  if (!index || !is_gpu_uuid(uuid) || !is_name(name) || !memory) return std::nullopt;
  return HostGpu{*index, std::string(uuid), gpu_label(name, *memory)};
}

// "A100 80GB PCIe", "V100-SXM2-32GB": the name says it already.
bool names_memory(std::string_view name) {
  for (std::size_t at = name.find("GB"); at != name.npos; at = name.find("GB", at + 1)) {
    if (at > 0 && is_digit(name[at - 1])) return true;
  }
  return false;
}

}  // namespace

std::string gpu_label(std::string_view name, std::int64_t memory_mib) {
  for (std::string_view maker : {"NVIDIA ", "GeForce "}) {
    if (name.starts_with(maker)) name.remove_prefix(maker.size());
  }
  std::string label(name);
  const auto gb = std::llround(static_cast<double>(memory_mib) / 1024);
  if (gb > 0 && !names_memory(name)) label += " " + std::to_string(gb) + "GB";
  return label;
}

Result<std::vector<HostGpu>> parse_gpus(std::string_view csv) {
  std::vector<HostGpu> gpus;
  while (!csv.empty()) {
    const std::string_view line = trim(take_line(csv));
    if (line.empty()) continue;
    auto gpu = parse_line(line);
    const bool is_known =
        gpu && std::ranges::any_of(gpus, [&](const HostGpu& g) { return g.uuid == gpu->uuid; });
    if (!gpu || is_known) return not_understood(line);
    gpus.push_back(*std::move(gpu));
  }
  return gpus;
}

Result<std::vector<HostGpu>> find_gpus() {
  auto printed = query_gpus("index,uuid,name,memory.total", kDeadline);
  if (!printed && printed.error().code == ErrorCode::kNotFound) return std::vector<HostGpu>{};
  if (!printed) return std::unexpected(printed.error());
  return parse_gpus(*printed);
}

}  // namespace berth
