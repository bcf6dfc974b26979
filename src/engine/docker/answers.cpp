#include "engine/docker/answers.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "engine/docker/fields.hpp"

namespace berth::docker {
namespace {

// Docker's words, and those that Podman has beside them.
constexpr std::pair<std::string_view, EngineState> kStates[] = {
    {"created", EngineState::kCreated},     {"running", EngineState::kRunning},
    {"paused", EngineState::kPaused},       {"restarting", EngineState::kRestarting},
    {"removing", EngineState::kRemoving},   {"exited", EngineState::kExited},
    {"dead", EngineState::kDead},           {"configured", EngineState::kCreated},
    {"initialized", EngineState::kCreated}, {"stopping", EngineState::kRunning},
    {"stopped", EngineState::kExited},
};

EngineState state_of(const Fields& state) {
  const auto word = state.string("Status");
  for (const auto& [name, value] : kStates) {
    if (name == word) return value;
  }
  state.note("Status", "an unknown state");
  return EngineState::kDead;
}

int small_number(const Fields& fields, std::string_view key) {
  const std::int64_t number = fields.integer(key);
  if (std::in_range<int>(number)) return static_cast<int>(number);
  fields.note(key, "too large");
  return 0;
}

std::string without_slash(std::string name) {
  if (name.starts_with('/')) name.erase(0, 1);
  return name;
}

std::string runc_version(const Fields& version) {
  for (const auto& component : version.objects("Components")) {
    if (component.string("Name") == "runc") return component.string("Version");
  }
  return {};
}

ApiVersion api_version(const Fields& version, std::string_view key) {
  const auto parsed = parse_api_version(version.string(key));
  if (!parsed) version.note(key, "not a version");
  return parsed.value_or(ApiVersion{});
}

// `docker stats` leaves out the page cache that can be dropped: cgroup v1 calls it
// total_inactive_file, v2 inactive_file.
std::int64_t droppable_cache(const Fields& memory) {
  const auto details = memory.object("stats");
  return details.has("total_inactive_file") ? details.count("total_inactive_file")
                                            : details.count("inactive_file");
}

std::string printable(std::string_view text) {
  std::string clean(text.substr(0, limits::kEngineMessageBytes));
  std::replace_if(
      clean.begin(), clean.end(), [](unsigned char c) { return c < ' ' || c >= 0x7f; }, ' ');
  return clean;
}

}  // namespace

Result<std::string> parse_created(std::string_view body) {
  Document document(body);
  auto id = document.object().container_id("Id");
  return document.finish(std::move(id));
}

Result<std::string> parse_committed(std::string_view body) {
  Document document(body);
  auto id = document.object().image_id("Id");
  return document.finish(std::move(id));
}

Result<ContainerSeen> parse_inspect(std::string_view body) {
  Document document(body);
  const auto root = document.object();
  const auto state = root.object("State");
  ContainerSeen seen;
  seen.id = root.container_id("Id");
  seen.name = without_slash(root.required_string("Name"));
  seen.state = state_of(state);
  seen.exit_code = small_number(state, "ExitCode");
  seen.oom_killed = state.boolean("OOMKilled");
  seen.started_at = state.string("StartedAt");
  seen.pid = state.count("Pid");
  seen.image_id = root.image_id("Image");
  seen.labels = root.object("Config").texts("Labels");
  return document.finish(std::move(seen));
}

Result<std::vector<ListedContainer>> parse_list(std::string_view body) {
  Document document(body);
  std::vector<ListedContainer> all;
  for (const auto& fields : document.array()) {
    const auto names = fields.strings("Names");
    all.push_back({.id = fields.container_id("Id"),
                   .name = names.empty() ? "" : without_slash(names.front()),
                   .state = fields.required_string("State"),
                   .labels = fields.texts("Labels")});
  }
  return document.finish(std::move(all));
}

Result<ImageSeen> parse_image(std::string_view body) {
  Document document(body);
  const auto root = document.object();
  ImageSeen seen{.id = root.image_id("Id"), .size_bytes = root.count("Size")};
  return document.finish(std::move(seen));
}

Result<std::vector<std::string>> parse_tags(std::string_view body) {
  Document document(body);
  std::vector<std::string> all;
  for (const auto& image : document.array()) {
    for (auto& tag : image.strings("RepoTags")) {
      if (tag != "<none>:<none>") all.push_back(std::move(tag));
    }
  }
  return document.finish(std::move(all));
}

Result<EngineEvent> parse_event(std::string_view line) {
  Document document(line);
  const auto root = document.object();
  const auto actor = root.object("Actor");
  EngineEvent event;
  event.type = root.required_string("Type");
  event.action = root.required_string("Action");
  // "exec_create: passwd ...": what comes after the colon is somebody's command line, and nobody's
  // business.
  event.action.resize(std::min(event.action.find(':'), event.action.size()));
  event.id = actor.required_string("ID");
  event.attributes = actor.texts("Attributes");
  return document.finish(std::move(event));
}

Result<std::optional<EngineStats>> parse_stats(std::string_view body) {
  Document document(body);
  const auto root = document.object();
  const auto memory = root.object("memory_stats");
  std::optional<EngineStats> stats;
  if (memory.has("usage")) {
    stats.emplace();
    stats->cpu_ns = root.object("cpu_stats").object("cpu_usage").count("total_usage");
    stats->memory_bytes =
        std::max<std::int64_t>(0, memory.count("usage") - droppable_cache(memory));
    stats->memory_limit_bytes = memory.count("limit");
  }
  return document.finish(stats);
}

Result<EngineChanges> parse_changes(std::string_view body) {
  EngineChanges changes;
  if (body == "null" || body == "null\n") return changes;
  Document document(body);
  for (const auto& fields : document.array()) {
    const std::int64_t kind = fields.integer("Kind");
    if (kind < 0 || kind > 2) fields.note("Kind", "is none of the three that there are");
    const auto change = kind == 1   ? FileChange::kAdded
                        : kind == 2 ? FileChange::kDeleted
                                    : FileChange::kChanged;
    changes.files.emplace_back(fields.required_string("Path"), change);
  }
  std::ranges::sort(changes.files);
  return document.finish(std::move(changes));
}

Result<std::optional<std::int64_t>> parse_written_bytes(std::string_view body) {
  Document document(body);
  const auto root = document.object();
  std::optional<std::int64_t> bytes;
  // An engine that could not measure says -1.
  if (const auto size = root.integer("SizeRw"); root.has("SizeRw") && size >= 0) bytes = size;
  return document.finish(bytes);
}

Result<VersionSeen> parse_version(std::string_view body) {
  Document document(body);
  const auto root = document.object();
  VersionSeen seen;
  seen.newest = api_version(root, "ApiVersion");
  // Podman's answer has none at the top.
  if (root.has("MinAPIVersion")) seen.oldest = api_version(root, "MinAPIVersion");
  seen.runc = runc_version(root);
  return document.finish(std::move(seen));
}

Result<EngineInfo> parse_info(std::string_view body) {
  Document document(body);
  const auto root = document.object();
  EngineInfo info;
  info.engine_id = root.required_string("ID");
  info.version = root.required_string("ServerVersion");
  info.os = root.string("OperatingSystem");
  info.kernel = root.string("KernelVersion");
  info.cgroup_version = root.has("CgroupVersion") ? root.string("CgroupVersion") : "1";
  info.cpus = small_number(root, "NCPU");
  if (info.cpus < 0) root.note("NCPU", "negative");
  info.memory_bytes = root.count("MemTotal");
  info.security_options = root.strings("SecurityOptions");
  info.has_nvidia = root.object("Runtimes").has("nvidia");
  return document.finish(std::move(info));
}

Result<ExecSeen> parse_exec(std::string_view body) {
  Document document(body);
  const auto root = document.object();
  ExecSeen seen{.is_running = root.boolean("Running")};
  if (root.has("ExitCode")) seen.exit_code = static_cast<int>(root.integer("ExitCode"));
  return document.finish(seen);
}

std::string parse_message(std::string_view body) {
  Document document(body);
  const auto message = document.object().required_string("message");
  return printable(document.is_sound() ? std::string_view(message) : body);
}

}  // namespace berth::docker
