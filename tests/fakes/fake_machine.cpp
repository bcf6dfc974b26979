#include "fakes/fake_machine.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "engine/arguments.hpp"
#include "fakes/fake_terminal.hpp"

namespace berth::testing {
namespace {

constexpr std::int64_t kMebibyte = 1024 * 1024;
constexpr int kTerminated = 143;
constexpr int kKilled = 137;
constexpr std::size_t kShortestIdPrefix = 12;
constexpr std::size_t kTarMagicAt = 257;

std::unexpected<Error> refused(std::string action, std::string details,
                               ErrorCode code = ErrorCode::kRefused) {
  return fail(code, "the engine did not " + action, std::move(details));
}

std::string full_tag(const std::string& tag) {
  const auto parts = split_tag(tag);
  return parts ? parts->repository + ":" + parts->tag : tag;
}

bool has_label(const std::map<std::string, std::string>& labels, std::string_view wanted) {
  const auto equals = wanted.find('=');
  const auto found = labels.find(std::string(wanted.substr(0, equals)));
  return found != labels.end() &&
         (equals == wanted.npos || found->second == wanted.substr(equals + 1));
}

// LABEL key=value, with or without quotes: as much of it as our own changes use.
void apply_change(const std::string& change, std::map<std::string, std::string>& labels) {
  constexpr std::string_view kLabel = "LABEL ";
  if (!change.starts_with(kLabel)) return;
  std::string text = change.substr(kLabel.size());
  std::erase(text, '"');
  const auto equals = text.find('=');
  if (equals != text.npos) labels[text.substr(0, equals)] = text.substr(equals + 1);
}

bool clash(const PortBinding& a, const PortBinding& b) {
  const auto is_any = [](const std::string& ip) {
    return ip.empty() || ip == "0.0.0.0" || ip == "::";
  };
  return a.host_port == b.host_port &&
         (a.host_ip == b.host_ip || is_any(a.host_ip) || is_any(b.host_ip));
}

bool is_live(const FakeContainer& container) {
  return container.state == EngineState::kRunning || container.state == EngineState::kPaused;
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

FakeMachine::FakeMachine(const Clock& clock, FakeMachineOptions options)
    : clock_(clock),
      options_(std::move(options)),
      random_(options_.seed),
      engine_id_(next_id().substr(0, 20)) {}

std::string FakeMachine::next_id() {
  std::string id;
  for (int i = 0; i < 4; ++i) id += fmt::format("{:016x}", random_());
  return id;
}

std::string FakeMachine::now() const {
  const auto at = clock_.now();
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  return fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(second)),
                     (at - second).count());
}

const FakeContainer* FakeMachine::find(std::string_view name_or_id) const {
  for (const auto& container : containers_) {
    if (container.spec.name == name_or_id || container.id == name_or_id) return &container;
    if (name_or_id.size() >= kShortestIdPrefix && container.id.starts_with(name_or_id))
      return &container;
  }
  return nullptr;
}

FakeContainer* FakeMachine::grab(std::string_view name_or_id) {
  return const_cast<FakeContainer*>(find(name_or_id));
}

const FakeImage* FakeMachine::find_image(std::string_view tag_or_id) const {
  const auto tag = full_tag(std::string(tag_or_id));
  for (const auto& image : images_) {
    if (image.id == tag_or_id || image.tags.contains(tag)) return &image;
  }
  return nullptr;
}

FakeImage* FakeMachine::find_image(std::string_view tag_or_id) {
  return const_cast<FakeImage*>(std::as_const(*this).find_image(tag_or_id));
}

Result<const FakeContainer*> FakeMachine::need(const std::string& container) const {
  const auto* found = find(container);
  if (found == nullptr)
    return refused("find the container", "No such container: " + container, ErrorCode::kNotFound);
  return found;
}

Result<FakeContainer*> FakeMachine::need(const std::string& container) {
  auto* found = grab(container);
  if (found == nullptr)
    return refused("find the container", "No such container: " + container, ErrorCode::kNotFound);
  return found;
}

void FakeMachine::emit(const FakeContainer& container, std::string action,
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

EngineInfo FakeMachine::info() const {
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
  return info;
}

Result<std::string> FakeMachine::create(const ContainerSpec& spec) {
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
  FakeContainer container{
      .id = next_id(), .spec = spec, .image_id = image->id, .labels = spec.labels};
  container.labels.insert(image->labels.begin(), image->labels.end());  // its own come first
  containers_.push_back(std::move(container));
  emit(containers_.back(), "create");
  return containers_.back().id;
}

Result<> FakeMachine::put_archive(const std::string& container, const std::string& path,
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

Result<> FakeMachine::check_gpus(const FakeContainer& container) const {
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

Result<> FakeMachine::check_ports(const FakeContainer& container) const {
  for (const auto& port : container.spec.ports) {
    const auto taken = [&](const FakeContainer& other) {
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

Result<> FakeMachine::run(FakeContainer& container) {
  for (auto checked : {check_ports(container), check_gpus(container)}) {
    if (!checked) return checked;
  }
  container.state = EngineState::kRunning;
  container.exit_code = 0;
  container.oom_killed = false;
  container.started_at = now();
  container.started_steady = clock_.steady();
  container.pid = next_pid_++;
  container.printed.push_back({now(), false, "hello"});
  container.printed.push_back({now(), true, "oh"});
  emit(container, "start");
  return ok();
}

void FakeMachine::end(FakeContainer& container, int code) {
  container.state = EngineState::kExited;
  container.exit_code = code;
  container.pid = 0;
  for (const auto& weak : container.terminals) {
    if (auto terminal = weak.lock()) terminal->end(kKilled);
  }
  container.terminals.clear();
  emit(container, "die", {"exitCode", std::to_string(code)});
}

Result<> FakeMachine::start(const std::string& container) {
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

Result<> FakeMachine::stop(const std::string& container) {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  if (!is_live(**found)) return ok();
  emit(**found, "kill", {"signal", "15"});
  if ((*found)->state == EngineState::kPaused) emit(**found, "unpause");
  end(**found, (*found)->spec.init ? kTerminated : kKilled);
  emit(**found, "stop");
  return ok();
}

Result<> FakeMachine::restart(const std::string& container) {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  if ((*found)->state == EngineState::kRemoving || (*found)->state == EngineState::kDead)
    return start(container);
  if (auto stopped = stop(container); !stopped) return stopped;
  if (auto ran = run(**found); !ran) return ran;
  emit(**found, "restart");
  return ok();
}

Result<> FakeMachine::unpause(const std::string& container) {
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

void FakeMachine::erase(FakeContainer& container) {
  emit(container, "destroy");
  std::erase_if(containers_, [id = container.id](const auto& each) { return each.id == id; });
}

Result<> FakeMachine::remove(const std::string& container) {
  auto* found = grab(container);
  if (found == nullptr) return ok();
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
  return ok();
}

Result<ContainerSeen> FakeMachine::inspect(const std::string& container) const {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  const auto& it = **found;
  return ContainerSeen{.id = it.id,
                       .name = it.spec.name,
                       .state = it.state,
                       .exit_code = it.exit_code,
                       .oom_killed = it.oom_killed,
                       .started_at = it.started_at,
                       .pid = it.pid,
                       .image_id = it.image_id,
                       .labels = it.labels};
}

std::vector<ListedContainer> FakeMachine::list(std::string_view label) const {
  std::vector<ListedContainer> all;
  for (const auto& container : containers_) {
    if (!has_label(container.labels, label)) continue;
    all.push_back(
        {container.id, container.spec.name, std::string(word(container.state)), container.labels});
  }
  std::reverse(all.begin(), all.end());  // newest first, as the engine lists
  return all;
}

Result<EngineStats> FakeMachine::stats(const std::string& container) const {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  if (!is_live(**found)) return fail(ErrorCode::kConflict, "the container does not run");
  const auto uptime = clock_.steady() - (*found)->started_steady;
  return EngineStats{.cpu_ns = std::chrono::nanoseconds(uptime).count() / 10 + 1,
                     .memory_bytes = 4 * kMebibyte,
                     .memory_limit_bytes = (*found)->spec.memory_mb * kMebibyte};
}

Result<std::vector<EngineLogLine>> FakeMachine::logs(const std::string& container,
                                                     std::size_t tail) const {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  auto lines = (*found)->printed;
  if (lines.size() > tail)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(tail));
  return lines;
}

// The one file of each archive that was put in.
Result<EngineChanges> FakeMachine::changes(const std::string& container) const {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  EngineChanges changes{.size_bytes = 0};
  for (const auto& [path, tar] : (*found)->archives) {
    const std::string name = tar.substr(0, tar.find('\0'));
    changes.files.emplace_back(path + (path.ends_with('/') ? "" : "/") + name, FileChange::kAdded);
  }
  std::ranges::sort(changes.files);
  return changes;
}

Result<std::shared_ptr<EngineTerminal>> FakeMachine::open_terminal(const std::string& container,
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
  auto terminal = std::make_shared<FakeTerminal>(size);
  std::erase_if((*found)->terminals, [](const auto& weak) { return weak.expired(); });
  (*found)->terminals.push_back(terminal);
  return terminal;
}

void FakeMachine::move_tag(const std::string& tag, FakeImage& image) {
  for (auto& other : images_) other.tags.erase(full_tag(tag));
  image.tags.insert(full_tag(tag));
}

Result<std::string> FakeMachine::commit(const std::string& container, const std::string& tag,
                                        const std::vector<std::string>& changes) {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  if ((*found)->state == EngineState::kRemoving || (*found)->state == EngineState::kDead) {
    return refused("save the container as an image",
                   "You cannot commit container " + container + " which is being removed",
                   ErrorCode::kConflict);
  }
  FakeImage image{
      .id = "sha256:" + next_id(), .parent = (*found)->image_id, .labels = (*found)->labels};
  for (const auto& change : changes) apply_change(change, image.labels);
  images_.push_back(std::move(image));
  move_tag(tag, images_.back());
  emit(**found, "commit");
  return images_.back().id;
}

Result<ImageSeen> FakeMachine::inspect_image(const std::string& image) const {
  const auto* found = find_image(image);
  if (found == nullptr)
    return refused("show the image", "no such image: " + image, ErrorCode::kNotFound);
  return ImageSeen{.id = found->id, .size_bytes = 100 * kMebibyte};
}

Result<> FakeMachine::tag_image(const std::string& image, const std::string& tag) {
  auto* found = find_image(image);
  if (found == nullptr)
    return refused("tag the image", "No such image: " + image, ErrorCode::kNotFound);
  move_tag(tag, *found);
  return ok();
}

bool FakeMachine::is_used(const FakeImage& image) const {
  return std::any_of(containers_.begin(), containers_.end(),
                     [&](const auto& each) { return each.image_id == image.id; });
}

bool FakeMachine::has_children(const FakeImage& image) const {
  return std::any_of(images_.begin(), images_.end(),
                     [&](const auto& each) { return each.parent == image.id; });
}

Result<> FakeMachine::remove_image(const std::string& image) {
  auto* found = find_image(image);
  if (found == nullptr) return ok();
  const bool by_id = found->id == image;
  if (!by_id && found->tags.size() > 1) {
    found->tags.erase(full_tag(image));
    return ok();
  }
  if (by_id && found->tags.size() > 1) {
    return refused("remove the image",
                   "conflict: unable to delete " + image +
                       " (must be forced) - image is referenced in multiple repositories",
                   ErrorCode::kConflict);
  }
  if (is_used(*found)) {
    return refused("remove the image",
                   "conflict: unable to remove repository reference \"" + image +
                       "\" (must force) - container is using its referenced image",
                   ErrorCode::kConflict);
  }
  if (has_children(*found)) {
    if (by_id)
      return refused("remove the image",
                     "conflict: unable to delete " + image +
                         " (cannot be forced) - image has dependent child images",
                     ErrorCode::kConflict);
    found->tags.clear();
    return ok();
  }
  std::erase_if(images_, [id = found->id](const auto& each) { return each.id == id; });
  return ok();
}

std::vector<std::string> FakeMachine::list_images(std::string_view label) const {
  std::vector<std::string> tags;
  for (const auto& image : images_) {
    if (has_label(image.labels, label))
      tags.insert(tags.end(), image.tags.begin(), image.tags.end());
  }
  return tags;
}

std::string FakeMachine::add_image(const std::string& tag,
                                   std::map<std::string, std::string> labels) {
  images_.push_back({.id = "sha256:" + next_id(), .labels = std::move(labels)});
  move_tag(tag, images_.back());
  return images_.back().id;
}

void FakeMachine::exit(const std::string& container, int code, bool oom) {
  auto* found = grab(container);
  assert(found != nullptr && is_live(*found));
  if (code == kKilled && !oom) emit(*found, "kill", {"signal", "9"});
  if (oom) emit(*found, "oom");
  found->oom_killed = oom;
  end(*found, code);
}

void FakeMachine::pause(const std::string& container) {
  auto* found = grab(container);
  assert(found != nullptr && found->state == EngineState::kRunning);
  found->state = EngineState::kPaused;
  emit(*found, "pause");
}

void FakeMachine::begin_removal(const std::string& container) {
  auto* found = grab(container);
  assert(found != nullptr);
  if (is_live(*found)) end(*found, kKilled);
  found->state = EngineState::kRemoving;
}

void FakeMachine::finish_removal(const std::string& container) {
  auto* found = grab(container);
  assert(found != nullptr && found->state == EngineState::kRemoving);
  erase(*found);
}

void FakeMachine::exit_all() {
  for (auto& container : containers_) {
    if (is_live(container)) end(container, kKilled);
  }
}

void FakeMachine::become_another() {
  containers_.clear();
  images_.clear();
  engine_id_ = next_id().substr(0, 20);
}

}  // namespace berth::testing
