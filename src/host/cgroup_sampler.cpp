#include "host/cgroup_sampler.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "host/cpu_memory.hpp"
#include "host/small_file.hpp"

namespace berth {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kContainerIdLength = 64;
// Of containers at once, three files each; beyond that they are opened for every read.
constexpr std::size_t kMostHeld = 256;
constexpr auto kForgetUnread = std::chrono::seconds(10);

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(at);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool has_word(std::string_view list, std::string_view word) {
  return std::ranges::count(split(list, ','), word) > 0;
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  text = trim(text);
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 0) return std::nullopt;
  return count;
}

std::optional<std::int64_t> read_count(const fs::path& file) {
  const auto text = read_small_file(file);
  return text ? parse_count(*text) : std::nullopt;
}

// The line `name NUMBER` of a text of such lines.
std::optional<std::int64_t> find_field(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    const std::size_t space = line.find(' ');
    if (space != line.npos && line.substr(0, space) == name)
      return parse_count(line.substr(space + 1));
  }
  return std::nullopt;
}

// Engines call a container's group by its id: docker/ID, docker-ID.scope, libpod-ID.scope.
bool is_of_a_container(std::string_view cgroup) {
  std::size_t run = 0;
  for (char c : cgroup) {
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    run = is_hex ? run + 1 : 0;
    if (run == kContainerIdLength) return true;
  }
  return false;
}

// As `docker stats` counts: page cache that nobody has touched lately can be dropped, and is not
// the container's.
std::int64_t without_cache(std::int64_t used, std::optional<std::int64_t> inactive_file) {
  return inactive_file && *inactive_file < used ? used - *inactive_file : used;
}

struct Membership {
  std::string_view cpuacct, memory, unified;  // of /proc/PID/cgroup; empty = not there
};

Membership parse_membership(std::string_view text) {
  Membership found;
  while (!text.empty()) {
    const std::string_view line = take_line(text);  // 4:memory:/docker/ID
    const std::size_t first = line.find(':');
    const std::size_t second = first == line.npos ? first : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    if (has_word(controllers, "cpuacct")) found.cpuacct = path;
    if (has_word(controllers, "memory")) found.memory = path;
    if (controllers.empty()) found.unified = path;
  }
  return found;
}

}  // namespace

CgroupSampler::CgroupSampler(fs::path root) : root_(std::move(root)) {
  const std::string text = read_small_file(root_ / "proc/self/mountinfo").value_or("");
  std::string_view rest = text;
  while (!rest.empty()) {
    // 35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
    const std::string_view line = take_line(rest);
    const std::size_t dash = line.find(" - ");
    if (dash == line.npos) continue;
    const auto before = split(line.substr(0, dash), ' ');
    const auto after = split(line.substr(dash + 3), ' ');
    if (before.size() < 5 || after.size() < 3) continue;
    const Mount mount{std::string(before[4]), std::string(before[3])};
    const bool is_v1 = after[0] == "cgroup";
    if (is_v1 && has_word(after[2], "cpuacct")) cpuacct_ = mount;
    if (is_v1 && has_word(after[2], "memory")) memory_ = mount;
    if (after[0] == "cgroup2") unified_ = mount;
  }
  total_memory_bytes_ =
      parse_total_memory_mb(read_small_file(root_ / "proc/meminfo").value_or("")) * 1024 * 1024;
}

std::optional<EngineStats> CgroupSampler::read(std::int64_t pid) {
  const auto now = std::chrono::steady_clock::now();
  auto held = held_.find(pid);
  if (held == held_.end()) {
    auto opened = open(pid);
    if (!opened) return std::nullopt;
    std::erase_if(held_,
                  [now](const auto& one) { return now - one.second.read_at > kForgetUnread; });
    if (held_.size() >= kMostHeld) return read(*opened);
    held = held_.emplace(pid, std::move(*opened)).first;
  }
  held->second.read_at = now;
  auto stats = read(held->second);
  if (!stats) held_.erase(held);
  return stats;
}

std::optional<CgroupSampler::Group> CgroupSampler::open(std::int64_t pid) const {
  if (pid <= 0) return std::nullopt;
  const auto text = read_small_file(root_ / "proc" / std::to_string(pid) / "cgroup");
  if (!text) return std::nullopt;
  const Membership member = parse_membership(*text);
  // A hybrid machine has both layouts; the counters are where the controllers are.
  if (cpuacct_ && memory_ && is_of_a_container(member.cpuacct) &&
      is_of_a_container(member.memory)) {
    return open_v1(member.cpuacct, member.memory);
  }
  if (unified_ && is_of_a_container(member.unified)) return open_v2(member.unified);
  return std::nullopt;
}

fs::path CgroupSampler::folder(const Mount& mount, std::string_view cgroup) const {
  // In a container of its own Berth may be shown only a part of the tree.
  if (mount.shown != "/" && cgroup.starts_with(mount.shown))
    cgroup.remove_prefix(mount.shown.size());
  fs::path path = root_ / fs::path(mount.point).relative_path();
  return path / fs::path(cgroup).relative_path();
}

std::optional<CgroupSampler::Group> CgroupSampler::open_v1(std::string_view cpu,
                                                           std::string_view memory) const {
  const fs::path memory_folder = folder(*memory_, memory);
  auto usage = CounterFile::open(folder(*cpuacct_, cpu) / "cpuacct.usage");
  auto used = CounterFile::open(memory_folder / "memory.usage_in_bytes");
  if (!usage || !used) return std::nullopt;
  return Group{.is_v1 = true,
               .cpu = std::move(*usage),
               .memory = std::move(*used),
               .memory_stat = CounterFile::open(memory_folder / "memory.stat"),
               .memory_limit = clamp_limit(read_count(memory_folder / "memory.limit_in_bytes"))};
}

std::optional<CgroupSampler::Group> CgroupSampler::open_v2(std::string_view cgroup) const {
  const fs::path group = folder(*unified_, cgroup);
  auto usage = CounterFile::open(group / "cpu.stat");
  auto used = CounterFile::open(group / "memory.current");
  if (!usage || !used) return std::nullopt;
  return Group{.is_v1 = false,
               .cpu = std::move(*usage),
               .memory = std::move(*used),
               .memory_stat = CounterFile::open(group / "memory.stat"),
               .memory_limit = clamp_limit(read_count(group / "memory.max"))};
}

std::optional<EngineStats> CgroupSampler::read(const Group& group) {
  const auto cpu_ns = read_cpu_ns(group);
  if (!cpu_ns) return std::nullopt;
  CounterFile::Text text;
  const auto used = group.memory.read(text).and_then(parse_count);
  if (!used) return std::nullopt;
  std::optional<std::int64_t> inactive;
  if (group.memory_stat) {
    const auto stat = group.memory_stat->read(text).value_or("");
    inactive = find_field(stat, group.is_v1 ? "total_inactive_file" : "inactive_file");
  }
  return EngineStats{*cpu_ns, without_cache(*used, inactive), group.memory_limit};
}

std::optional<std::int64_t> CgroupSampler::read_cpu_ns(const Group& group) {
  CounterFile::Text buffer;
  const auto text = group.cpu.read(buffer);
  if (!text) return std::nullopt;
  if (group.is_v1) return parse_count(*text);
  const auto cpu_us = find_field(*text, "usage_usec");
  if (!cpu_us || *cpu_us > INT64_MAX / 1000) return std::nullopt;
  return *cpu_us * 1000;
}

// No limit ("max", or a number near 2^63) is the machine's own memory, as the engine reports it.
std::int64_t CgroupSampler::clamp_limit(std::optional<std::int64_t> limit) const {
  if (!limit) return total_memory_bytes_;
  return total_memory_bytes_ > 0 ? std::min(*limit, total_memory_bytes_) : *limit;
}

}  // namespace berth
