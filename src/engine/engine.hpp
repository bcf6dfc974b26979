#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "base/result.hpp"

namespace berth {

// What an engine calls its state: the truth about one of its containers.
enum class EngineState { kCreated, kRunning, kPaused, kRestarting, kRemoving, kExited, kDead };

struct PortBinding {
  int container_port = 0;  // TCP
  int host_port = 0;
  std::string host_ip;  // the address it is published on; empty = every address
};

struct Mount {
  std::string host_path;
  std::string container_path;
  bool read_only = false;
  // The engine makes a host path that is not there, as root's and readable by all on its machine;
  // else it refuses.
  bool make_missing = false;
};

// All that Berth ever asks of a container. Nothing else reaches the engine's HostConfig: no
// privileged mode, no host namespaces, no added devices. The fixed part of the hardening is in
// docker/spec.cpp.
struct ContainerSpec {
  std::string name;
  std::string image;  // an engine image id (sha256:...) or a tag
  std::string hostname;
  std::vector<std::pair<std::string, std::string>> env;
  std::map<std::string, std::string> labels;
  std::vector<PortBinding> ports;
  std::vector<Mount> mounts;
  std::vector<std::string> gpu_uuids;  // DeviceRequests by id; empty = none
  bool all_gpus = false;               // instead: whatever there is
  std::vector<std::string> command;    // in place of what the image runs; empty = that
  int cpu_cores = 0;                   // >= 1
  std::int64_t memory_mb = 0;          // >= 6; swap is the same, so there is none
  std::int64_t shm_mb = 64;
  int pids = 1024;
  bool init = false;  // the engine's own PID 1 in front of the image's
  bool minimal_capabilities =
      false;  // drop every capability (for images that run as a user); else the workspace list
  bool read_only_root = false;  // with /tmp in memory
};

struct ContainerSeen {
  std::string id;  // 64 hex digits
  std::string name;
  EngineState state = EngineState::kCreated;
  int exit_code = 0;
  bool oom_killed = false;
  std::string started_at;  // RFC 3339, as the engine prints it; "0001-..." when never
  std::int64_t pid = 0;    // on the engine's host; 0 when not running
  std::string image_id;
  std::map<std::string, std::string> labels;
};

struct ListedContainer {
  std::string id;
  std::string name;
  std::string state;  // the engine's word: running, exited, ...
  std::map<std::string, std::string> labels;
};

struct ImageSeen {
  std::string id;  // sha256:...
  std::int64_t size_bytes = 0;
};

struct EngineInfo {
  std::string engine_id;
  std::string version;
  std::string api_version;
  std::string os;
  std::string kernel;
  std::string cgroup_version;  // "1" or "2"
  int cpus = 0;
  std::int64_t memory_bytes = 0;
  std::vector<std::string> security_options;
  std::string runc_version;
  bool has_nvidia = false;  // its NVIDIA runtime
};

struct Removed {
  bool was_there = false;  // the engine had it until this call; it is gone now
};

struct EngineEvent {
  std::string type;    // container, image
  std::string action;  // die, start, destroy, pause, ...
  std::string id;
  std::map<std::string, std::string> attributes;  // the container's labels, exitCode, ...
};

// Cumulative counters of one running container.
struct EngineStats {
  std::int64_t cpu_ns = 0;
  std::int64_t memory_bytes =
      0;  // without the page cache that can be dropped, as `docker stats` prints it
  std::int64_t memory_limit_bytes = 0;
};

// One line that a container has printed.
struct EngineLogLine {
  std::string at;         // RFC 3339, as the engine prints it; empty when it does not say
  bool is_error = false;  // standard error
  std::string text;       // without its end; whatever bytes it printed

  bool operator==(const EngineLogLine&) const = default;
};

enum class FileChange { kAdded, kChanged, kDeleted };

// What a container has written over its image; what is mounted is no part of it.
struct EngineChanges {
  std::vector<std::pair<std::string, FileChange>> files;  // by path
  std::optional<std::int64_t> size_bytes;                 // none: the engine does not say
};

struct TerminalSize {
  int columns = 80;
  int rows = 24;

  bool operator==(const TerminalSize&) const = default;
};

// What is run on a tty: in a container's own folder, as its own user, with `env` over its own
// environment. Nothing of it may come out of a request but the size.
struct TerminalSpec {
  std::vector<std::string> command;
  std::vector<std::pair<std::string, std::string>> env;
  TerminalSize size;
};

// A process on a tty of its own in a running container. One read and one write at a time, side by
// side; neither has a deadline: a shell may be silent for days, and a program may not read. Letting
// go of it does not end the process, since engines go on with it: hang_up() does.
class EngineTerminal {
 public:
  virtual ~EngineTerminal() = default;

  // What came next. Empty: the process has ended, the engine is gone, or close() was called.
  virtual Task<std::string> read() = 0;
  // Once the engine has taken it. False: as above.
  virtual Task<bool> write(std::string bytes) = 0;
  virtual Task<Result<>> resize(TerminalSize size) = 0;
  // Of the process that has ended. kConflict: it runs, or nobody knows since close().
  virtual Task<Result<int>> exit_code() = 0;
  // A read and a write that wait end at once.
  virtual void close() = 0;
  // As when the line of a telephone drops: the process gets SIGHUP, and SIGKILL if that did not
  // help; what left its session stays. Once is enough.
  virtual Task<Result<>> hang_up() = 0;
};

// One Docker-compatible engine. Every call has a deadline of its own and gives one of
//   kNotFound     the engine answers that there is no such thing
//   kConflict     the name is taken, or removal is in progress
//   kRefused      the engine said no; `details` is its own message
//   kUnavailable  nobody answered: nothing was sent, so nothing was done
//   kUnknown      it was sent and no answer came: it may have been done
// Doing a call twice is safe: start of a running, stop of a stopped and remove of an absent
// container succeed.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual Task<Result<EngineInfo>> info() = 0;

  virtual Task<Result<std::string>> create(ContainerSpec spec) = 0;  // the new container's id
  // Unpacks a tar archive at `path` of a container in any state.
  virtual Task<Result<>> put_archive(std::string container, std::string path, std::string tar) = 0;
  virtual Task<Result<>> start(std::string container) = 0;
  virtual Task<Result<>> stop(std::string container, std::chrono::seconds grace) = 0;
  virtual Task<Result<>> restart(std::string container, std::chrono::seconds grace) = 0;
  virtual Task<Result<>> unpause(std::string container) = 0;
  // Kills it when it runs; its anonymous volumes go too. One that is not there is no error.
  virtual Task<Result<Removed>> remove(std::string container) = 0;
  virtual Task<Result<ContainerSeen>> inspect(std::string container) = 0;
  // All containers, in every state, that carry label `key` (`key=value` narrows).
  virtual Task<Result<std::vector<ListedContainer>>> list(std::string label) = 0;
  virtual Task<Result<EngineStats>> stats(
      std::string container) = 0;  // waits for a sample: up to 2 s

  // The last `tail` lines that it has printed, oldest first; also of one that has ended.
  virtual Task<Result<std::vector<EngineLogLine>>> logs(std::string container,
                                                        std::size_t tail) = 0;
  virtual Task<Result<EngineChanges>> changes(std::string container) = 0;

  // kConflict: the container does not run.
  virtual Task<Result<std::shared_ptr<EngineTerminal>>> open_terminal(std::string container,
                                                                      TerminalSpec spec) = 0;

  // Saves the container's file system as image `tag`; returns the image id. Changes are Dockerfile
  // instructions.
  virtual Task<Result<std::string>> commit(std::string container, std::string tag,
                                           std::vector<std::string> changes) = 0;
  virtual Task<Result<ImageSeen>> inspect_image(std::string image) = 0;
  virtual Task<Result<>> tag_image(std::string image, std::string tag) = 0;
  virtual Task<Result<>> remove_image(
      std::string image) = 0;  // kConflict while a container stands on it
  virtual Task<Result<std::vector<std::string>>> list_images(
      std::string label) = 0;  // tags of images with that label

  // Follows the engine's events of containers until the connection ends, and then says why.
  // `on_open` is called once the engine has answered, before the first event.
  virtual Task<Result<>> follow_events(std::function<void()> on_open,
                                       std::function<void(EngineEvent)> on_event) = 0;
};

}  // namespace berth
