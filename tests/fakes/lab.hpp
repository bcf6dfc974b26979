#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "control/control.hpp"
#include "fakes/fake_engine.hpp"
#include "fakes/manual_time.hpp"
#include "fakes/run.hpp"
#include "store/store.hpp"

namespace berth::testing {

class FakeHost final : public Host {
 public:
  Result<> make_workspace_folder(const std::string&, const std::string& folder) override;
  Result<> check_workspace_unused(const std::string&, const std::string& folder) override;
  Result<> make_matlab_folders(const std::string&, int slot) override;
  std::optional<EngineStats> read_counters(std::int64_t pid) override;
  std::optional<MachineCounters> read_machine(DeviceId) override { return std::nullopt; }
  Task<Result<std::vector<GpuLoad>>> read_gpus() override { co_return gpus; }
  Task<bool> answers_http(std::string, int) override { co_return has_web; }
  Task<bool> answers_websocket(std::string, int) override { co_return true; }
  Task<bool> answers_ssh(std::string, int) override { co_return has_ssh; }

  std::vector<std::string> folders;
  std::set<std::string> used_folders;            // with somebody's files in them
  std::map<std::int64_t, EngineStats> counters;  // of containers on this machine, by their pid
  bool is_full = false;                          // the disk
  bool has_ssh = true;
  bool has_web = true;
  Result<std::vector<GpuLoad>> gpus = std::vector<GpuLoad>{};
};

struct LabOptions {
  // A path: on disk, with the writer's own thread, as a server has it.
  std::string database = ":memory:";
  bool inline_writes = false;  // no thread, on disk too
};

// A whole lab in one thread and no time: the real control layer over a real (in-memory) database,
// with an engine and a machine that fail when they are told to. One device of 8 cores, 16 GiB and
// two GPUs; one public image; two users.
class Lab {
 public:
  explicit Lab(LabOptions options = {});
  ~Lab();

  NewContainer order(int cpu = 1, std::int64_t memory_mb = 512, std::vector<GpuId> gpus = {}) const;
  Result<CreatedContainer> create(const Actor& actor, NewContainer wanted);
  ContainerId must_create(const Actor& actor, NewContainer wanted);

  // A new control layer over the same database and engine, as after kill -9: everything that was
  // going on is gone.
  void crash_and_recover();
  // In two: what happens to the disk in between is for the test. `start` throws when the database
  // cannot be opened.
  void crash();
  void start();
  // Everything that is pending is done, twice over: as the periodic reconciliation does.
  void settle();

  // What must be true once all is quiet: every engine container is a row's, every running row's
  // container runs, the ledger holds exactly what running rows claim, no hidden image is left over.
  // Empty, or what is wrong.
  std::string complaints();

  std::vector<ContainerRow> rows();
  std::optional<ContainerRow> row(ContainerId cid);
  ContainerSeen seen(ContainerId cid);  // the engine's container of the row's generation
  Claim used();
  const secrets::Sealer& sealer() const { return *sealer_; }

  boost::asio::io_context io;
  ManualClock clock;
  ManualTimers timers{clock};
  std::unique_ptr<Store> store;
  std::shared_ptr<FakeEngine> engine;
  FakeHost host;
  Actor ann;
  Actor bob;
  DeviceId device;
  ImageId image;
  std::vector<GpuId> gpus;

  // The control layer; made anew by crash_and_recover().
  std::unique_ptr<Control> control;

 private:
  void open_store();
  void build();
  LabOptions options_;
  std::filesystem::path key_folder_;
  std::optional<secrets::Sealer> sealer_;
};

}  // namespace berth::testing
