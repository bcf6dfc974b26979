#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "async/task.hpp"
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

  virtual std::optional<MachineCounters> read_machine() = 0;

  // Whether a service answers, by speaking its protocol: a TCP connect proves nothing behind a port
  // proxy.
  virtual Task<bool> answers_http(std::string ip, int port) = 0;
  virtual Task<bool> answers_websocket(std::string ip, int port) = 0;
  virtual Task<bool> answers_ssh(std::string ip, int port) = 0;
};

}  // namespace berth
