#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/engine.hpp"

namespace berth {

// Cumulative, of all cores together; memory as it is now.
struct MachineCounters {
  std::int64_t busy_ticks = 0;
  std::int64_t total_ticks = 0;
  std::int64_t memory_used_bytes = 0;  // what is not available any more
  std::int64_t memory_total_bytes = 0;
};

// What one card does at this moment. A figure that its driver does not tell is not known, never 0.
struct GpuLoad {
  std::string uuid;
  std::optional<double> busy_percent;  // of the time, some kernel ran
  std::optional<std::int64_t> memory_bytes;
  std::optional<std::int64_t> memory_total_bytes;

  bool operator==(const GpuLoad&) const = default;
};

// The machine that Berth runs on, as far as a container's life touches it. One real, one in the
// simulation.
class Host {
 public:
  virtual ~Host() = default;

  // Makes `data_dir`/`folder`, 0700, owned by the container's root. There already: fine.
  virtual Result<> make_workspace_folder(const std::string& data_dir,
                                         const std::string& folder) = 0;
  // kRefused when it has anything in it. Asked before a container is made for the first time.
  virtual Result<> check_workspace_unused(const std::string&, const std::string&) { return ok(); }
  // Makes root/user_N with its folders and a startup.m where there is none. Touches nothing that is
  // there already.
  virtual Result<> make_matlab_folders(const std::string& root, int slot) = 0;

  // Counters of the container whose first process is `pid` here; nothing when it cannot be read
  // (gone, or not here).
  virtual std::optional<EngineStats> read_counters(std::int64_t pid) = 0;

  // TCP ports that somebody here listens on, whoever it is; empty where that cannot be told.
  virtual std::set<int> listening_ports() { return {}; }

  // `did`: for a host that stands for several machines.
  virtual std::optional<MachineCounters> read_machine(DeviceId did) = 0;
  // Of all cards here; may take seconds, and holds nobody up. kNotFound: nothing here can tell.
  virtual Task<Result<std::vector<GpuLoad>>> read_gpus() {
    co_return fail(ErrorCode::kNotFound, "no GPUs here");
  }

  // Whether a service answers, by speaking its protocol: a TCP connect proves nothing behind a port
  // proxy.
  virtual Task<bool> answers_http(std::string ip, int port) = 0;
  virtual Task<bool> answers_websocket(std::string ip, int port) = 0;
  virtual Task<bool> answers_ssh(std::string ip, int port) = 0;
};

}  // namespace berth
