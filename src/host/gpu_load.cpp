#include "host/gpu_load.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "host/nvidia_smi.hpp"
#include "host/small_file.hpp"

namespace berth {
namespace {

constexpr auto kDeadline = std::chrono::seconds(5);
constexpr std::int64_t kMiB = 1024 * 1024;
constexpr std::int64_t kMostMiB = std::int64_t{1} << 32;

struct Figure {
  bool is_understood = false;
  std::optional<std::int64_t> value;
};

// "[N/A]", "[Not Supported]", "[Unknown Error]", "[GPU is lost]": whatever is in brackets is no
// figure.
Figure read_figure(std::string_view text, std::int64_t most) {
  if (text.starts_with('[') && text.ends_with(']')) return {.is_understood = true};
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > most)
    return {};
  return {true, number};
}

std::optional<std::int64_t> to_bytes(std::optional<std::int64_t> mib) {
  return mib ? std::optional(*mib * kMiB) : std::nullopt;
}

std::optional<GpuLoad> parse_line(std::string_view line) {
  std::array<std::string_view, 4> fields;
  for (std::string_view& field : fields) {
    const std::size_t comma = line.find(',');
    if ((comma == line.npos) != (&field == &fields.back())) return std::nullopt;
    field = trim(line.substr(0, comma));
    line.remove_prefix(std::min(line.size(), comma == line.npos ? comma : comma + 1));
  }
  const Figure busy = read_figure(fields[1], 100);
  const Figure used = read_figure(fields[2], kMostMiB);
  const Figure total = read_figure(fields[3], kMostMiB);
  if (!is_gpu_uuid(fields[0]) || !busy.is_understood || !used.is_understood || !total.is_understood)
    return std::nullopt;
  GpuLoad load{.uuid = std::string(fields[0])};
  if (busy.value) load.busy_percent = static_cast<double>(*busy.value);
  load.memory_bytes = to_bytes(used.value);
  load.memory_total_bytes = to_bytes(total.value);
  return load;
}

}  // namespace

Result<std::vector<GpuLoad>> parse_gpu_loads(std::string_view csv) {
  std::vector<GpuLoad> loads;
  while (!csv.empty()) {
    const std::string_view line = trim(take_line(csv));
    if (line.empty()) continue;
    auto load = parse_line(line);
    const bool is_known = load && std::ranges::any_of(loads, [&](const GpuLoad& other) {
                            return other.uuid == load->uuid;
                          });
    if (!load || is_known) return not_understood(line);
    loads.push_back(*std::move(load));
  }
  return loads;
}

Result<std::vector<GpuLoad>> read_gpu_loads() {
  const auto printed = query_gpus("uuid,utilization.gpu,memory.used,memory.total", kDeadline);
  if (!printed) return std::unexpected(printed.error());
  return parse_gpu_loads(*printed);
}

}  // namespace berth
