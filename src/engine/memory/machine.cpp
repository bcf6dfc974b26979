#include "engine/memory/machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "base/time_text.hpp"
#include "engine/memory/memory_terminal.hpp"
#include "engine/memory/words.hpp"

namespace berth::memory {
namespace {

constexpr int kTerminated = 143;
constexpr int kKilled = 137;
constexpr std::size_t kShortestIdPrefix = 12;
constexpr std::size_t kTarMagicAt = 257;
constexpr std::size_t kRunsKept = 16;
constexpr char kNever[] = "0001-01-01T00:00:00Z";

bool clash(const PortBinding& a, const PortBinding& b) {
  const auto is_any = [](const std::string& ip) {
    return ip.empty() || ip == "0.0.0.0" || ip == "::";
  };
  return a.host_port == b.host_port &&
         (a.host_ip == b.host_ip || is_any(a.host_ip) || is_any(b.host_ip));
}

std::string_view word(EngineState state) {
  switch (state) {
    case EngineState::kCreated:
      return "created";
    case EngineState::kRunning:
      return "running";
    case EngineState::kPaused:
      return "paused";
    case EngineState::kRestarting:
      return "restarting";
    case EngineState::kRemoving:
      return "removing";
    case EngineState::kExited:
      return "exited";
    case EngineState::kDead:
      return "dead";
  }
  return "dead";
}

}  // namespace

Machine::Machine(const Clock& clock, MachineOptions options)
    : clock_(clock),
      options_(std::move(options)),
      random_(options_.seed),
      engine_id_(next_id().substr(0, 20)),
      next_pid_(options_.first_pid) {}

std::string Machine::next_id() {
  std::string id;
  for (int i = 0; i < 4; ++i) id += fmt::format("{:016x}", random_());
  return id;
}

const Container* Machine::find(std::string_view name_or_id) const {
  for (const auto& container : containers_) {
    if (container.spec.name == name_or_id || container.id == name_or_id) return &container;
    if (name_or_id.size() >= kShortestIdPrefix && container.id.starts_with(name_or_id))
      return &container;
  }
  return nullptr;
}

Container* Machine::grab(std::string_view name_or_id) {
  return const_cast<Container*>(find(name_or_id));
}

Result<const Container*> Machine::need(const std::string& container) const {
  const auto* found = find(container);
  if (found == nullptr)
    return refused("find the container", "No such container: " + container, ErrorCode::kNotFound);
  return found;
}

Result<Container*> Machine::need(const std::string& container) {
  auto* found = grab(container);
  if (found == nullptr)
    return refused("find the container", "No such container: " + container, ErrorCode::kNotFound);
  return found;
}

void Machine::emit(const Container& container, std::string action,
                   std::pair<std::string, std::string> more) {
  if (!on_event) return;
  EngineEvent event{.type = "container",
                    .action = std::move(action),
                    .id = container.id,
                    .attributes = container.labels};
  event.attributes["name"] = container.spec.name;
  event.attributes["image"] = container.spec.image;
  if (!more.first.empty()) event.attributes.insert(std::move(more));
  on_event(event);
}

EngineInfo Machine::info() const {
  EngineInfo info;
  info.engine_id = engine_id_;
  info.version = "20.10.24";
  info.api_version = "1.41";
  info.os = "A machine in memory";
  info.kernel = "6.1.0";
  info.cgroup_version = "1";
  info.cpus = options_.cpus;
  info.memory_bytes = options_.memory_bytes;
  info.security_options = {"name=seccomp,profile=default"};
  info.runc_version = "1.1.5";
  info.has_nvidia = !options_.gpus.empty();
  return info;
}

Result<std::string> Machine::create(const ContainerSpec& spec) {
  if (spec.cpu_cores > options_.cpus) {
    return refused(
        "create the container",
        fmt::format("Range of CPUs is from 0.01 to {}.00, as there are only {} CPUs available",
                    options_.cpus, options_.cpus));
  }
  for (const auto& mount : spec.mounts) {
    if (!missing_paths_.contains(mount.host_path)) continue;
    return refused("create the container",
                   "invalid mount config for type \"bind\": bind source path does not exist: " +
                       mount.host_path);
  }
  const auto* image = find_image(spec.image);
  if (image == nullptr)
    return refused("create the container", "No such image: " + spec.image, ErrorCode::kNotFound);
  if (const auto* other = find(spec.name)) {
    return refused("create the container",
                   "Conflict. The container name \"/" + spec.name +
                       "\" is already in use by container \"" + other->id + "\"",
                   ErrorCode::kConflict);
  }
  Container container{.id = next_id(), .spec = spec, .image_id = image->id, .labels = spec.labels};
  container.labels.insert(image->labels.begin(), image->labels.end());  // its own come first
  containers_.push_back(std::move(container));
  emit(containers_.back(), "create");
  return containers_.back().id;
}

Result<> Machine::put_archive(const std::string& container, const std::string& path,
                              const std::string& tar) {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  if (!path.starts_with('/') || path.starts_with("/nonexistent")) {
    return refused("take the files",
                   "Could not find the file " + path + " in container " + container);
  }
  if (tar.size() < kTarMagicAt + 5 || tar.compare(kTarMagicAt, 5, "ustar") != 0) {
    return refused("take the files", "Error processing tar file(exit status 1): unexpected EOF");
  }
  (*found)->archives.emplace_back(path, tar);
  return ok();
}

Result<> Machine::check_gpus(const Container& container) const {
  if (container.spec.gpu_uuids.empty()) return ok();
  if (options_.gpus.empty()) {
    return refused("start the container",
                   "could not select device driver \"nvidia\" with capabilities: [[gpu]]");
  }
  for (const auto& gpu : container.spec.gpu_uuids) {
    if (!options_.gpus.contains(gpu))
      return refused("start the container",
                     "nvidia-container-cli: device error: " + gpu + ": unknown device");
  }
  return ok();
}

Result<> Machine::check_ports(const Container& container) const {
  for (const auto& port : container.spec.ports) {
    const auto taken = [&](const Container& other) {
      return &other != &container && is_live(other) &&
             std::any_of(other.spec.ports.begin(), other.spec.ports.end(),
                         [&](const auto& held) { return clash(held, port); });
    };
    const auto place =
        fmt::format("{}:{}", port.host_ip.empty() ? "0.0.0.0" : port.host_ip, port.host_port);
    if (std::any_of(containers_.begin(), containers_.end(), taken)) {
      return refused("start the container",
                     "driver failed programming external connectivity on endpoint " +
                         container.spec.name + ": Bind for " + place +
                         " failed: port is already allocated");
    }
    if (strange_ports_.contains(port.host_port)) {
      return refused("start the container",
                     "driver failed programming external connectivity on endpoint " +
                         container.spec.name + ": Error starting userland proxy: listen tcp4 " +
                         place + ": bind: address already in use");
    }
  }
  return ok();
}

Result<> Machine::run(Container& container) {
  for (auto checked : {check_ports(container), check_gpus(container)}) {
    if (!checked) return checked;
  }
  if (auto words = options_.inside->refusal(container); !words.empty())
    return refused("start the container", std::move(words));
  container.state = EngineState::kRunning;
  container.exit_code = 0;
  container.oom_killed = false;
  container.pid = next_pid_++;
  if (container.runs.size() == kRunsKept) container.runs.erase(container.runs.begin());
  container.runs.push_back({.began = clock_.now()});
  emit(container, "start");
  return ok();
}

void Machine::end(Container& container, int code) {
  container.state = EngineState::kExited;
  container.exit_code = code;
  container.pid = 0;
  container.runs.back().ended = clock_.now();
  for (const auto& weak : container.terminals) {
    if (auto terminal = weak.lock()) terminal->end(kKilled);
  }
  container.terminals.clear();
  emit(container, "die", {"exitCode", std::to_string(code)});
}

Result<> Machine::start(const std::string& container) {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  switch ((*found)->state) {
    case EngineState::kRunning:
      return ok();
    case EngineState::kPaused:
      return refused("start the container", "cannot start a paused container, try unpause instead",
                     ErrorCode::kConflict);
    case EngineState::kRemoving:
    case EngineState::kDead:
      return refused("start the container", "container is marked for removal and cannot be started",
                     ErrorCode::kConflict);
    default:
      return run(**found);
  }
}

Result<> Machine::stop(const std::string& container) {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  if (!is_live(**found)) return ok();
  emit(**found, "kill", {"signal", "15"});
  if ((*found)->state == EngineState::kPaused) emit(**found, "unpause");
  end(**found, (*found)->spec.init ? kTerminated : kKilled);
  emit(**found, "stop");
  return ok();
}

Result<> Machine::restart(const std::string& container) {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  if ((*found)->state == EngineState::kRemoving || (*found)->state == EngineState::kDead)
    return start(container);
  if (auto stopped = stop(container); !stopped) return stopped;
  if (auto ran = run(**found); !ran) return ran;
  emit(**found, "restart");
  return ok();
}

Result<> Machine::unpause(const std::string& container) {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  if ((*found)->state == EngineState::kRunning) return ok();
  if ((*found)->state != EngineState::kPaused) {
    return refused("let the container go on", "Container " + (*found)->id + " is not paused");
  }
  (*found)->state = EngineState::kRunning;
  emit(**found, "unpause");
  return ok();
}

void Machine::erase(Container& container) {
  emit(container, "destroy");
  std::erase_if(containers_, [id = container.id](const auto& each) { return each.id == id; });
}

Result<Removed> Machine::remove(const std::string& container) {
  auto* found = grab(container);
  if (found == nullptr) return Removed{};
  if (found->state == EngineState::kRemoving) {
    return refused("remove the container",
                   "removal of container " + container + " is already in progress",
                   ErrorCode::kConflict);
  }
  if (is_live(*found)) {
    emit(*found, "kill", {"signal", "9"});
    end(*found, kKilled);
  }
  erase(*found);
  return Removed{.was_there = true};
}

Result<ContainerSeen> Machine::inspect(const std::string& container) const {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  const auto& it = **found;
  return ContainerSeen{
      .id = it.id,
      .name = it.spec.name,
      .state = it.state,
      .exit_code = it.exit_code,
      .oom_killed = it.oom_killed,
      .started_at = it.runs.empty() ? kNever : format_rfc3339(it.runs.back().began),
      .pid = it.pid,
      .image_id = it.image_id,
      .labels = it.labels};
}

std::vector<ListedContainer> Machine::list(std::string_view label) const {
  std::vector<ListedContainer> all;
  for (const auto& container : containers_) {
    if (!has_label(container.labels, label)) continue;
    all.push_back(
        {container.id, container.spec.name, std::string(word(container.state)), container.labels});
  }
  std::reverse(all.begin(), all.end());  // newest first, as the engine lists
  return all;
}

Result<EngineStats> Machine::stats(const std::string& container) const {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  if (!is_live(**found)) return fail(ErrorCode::kConflict, "the container does not run");
  return options_.inside->stats(**found, clock_.now());
}

Result<std::vector<EngineLogLine>> Machine::logs(const std::string& container,
                                                 std::size_t tail) const {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  return options_.inside->logs(**found, clock_.now(), tail);
}

Result<EngineChanges> Machine::changes(const std::string& container) const {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  return options_.inside->changes(**found, clock_.now());
}

Result<std::shared_ptr<EngineTerminal>> Machine::open_terminal(const std::string& container,
                                                               TerminalSize size) {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  if ((*found)->state != EngineState::kRunning) {
    const bool is_paused = (*found)->state == EngineState::kPaused;
    return refused(
        "open a terminal",
        "Container " + container +
            (is_paused ? " is paused, unpause the container before exec" : " is not running"),
        ErrorCode::kConflict);
  }
  // Its process ends with the container, so the container is there whenever somebody types.
  auto answer = [this, id = (*found)->id](std::string_view line) {
    return options_.inside->say(*find(id), line, clock_.now());
  };
  auto terminal =
      std::make_shared<MemoryTerminal>(size, options_.inside->prompt(**found), std::move(answer));
  std::erase_if((*found)->terminals, [](const auto& weak) { return weak.expired(); });
  (*found)->terminals.push_back(terminal);
  return terminal;
}

void Machine::exit(const std::string& container, int code, bool oom) {
  auto* found = grab(container);
  assert(found != nullptr && is_live(*found));
  if (code == kKilled && !oom) emit(*found, "kill", {"signal", "9"});
  if (oom) emit(*found, "oom");
  found->oom_killed = oom;
  end(*found, code);
}

void Machine::pause(const std::string& container) {
  auto* found = grab(container);
  assert(found != nullptr && found->state == EngineState::kRunning);
  found->state = EngineState::kPaused;
  emit(*found, "pause");
}

void Machine::begin_removal(const std::string& container) {
  auto* found = grab(container);
  assert(found != nullptr);
  if (is_live(*found)) end(*found, kKilled);
  found->state = EngineState::kRemoving;
}

void Machine::finish_removal(const std::string& container) {
  auto* found = grab(container);
  assert(found != nullptr && found->state == EngineState::kRemoving);
  erase(*found);
}

void Machine::exit_all() {
  for (auto& container : containers_) {
    if (is_live(container)) end(container, kKilled);
  }
}

void Machine::become_another() {
  containers_.clear();
  images_.clear();
  engine_id_ = next_id().substr(0, 20);
}

void Machine::swap_disk(Machine& other) {
  std::swap(engine_id_, other.engine_id_);
  std::swap(containers_, other.containers_);
  std::swap(images_, other.images_);
}

}  // namespace berth::memory
