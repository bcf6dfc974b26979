#include "fakes/lab.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "base/limits.hpp"
#include "store/sql/sql_store.hpp"

namespace berth::testing {
namespace {

constexpr char kImage[] = "workspace:test";
constexpr char kMatlabImage[] = "octave:test";

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message + " " + result.error().details);
  return std::move(*result);
}

std::filesystem::path make_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "berth-lab-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return pattern;
}

bool is_running(const ContainerSeen& seen) { return seen.state == EngineState::kRunning; }

}  // namespace

Result<> FakeHost::make_workspace_folder(const std::string&, const std::string& folder) {
  if (is_full) return fail(ErrorCode::kUnavailable, "the disk is full");
  folders.push_back(folder);
  return ok();
}

Result<> FakeHost::check_workspace_unused(const std::string&, const std::string& folder) {
  if (!used_folders.contains(folder)) return ok();
  return fail(ErrorCode::kRefused, "its folder has the files of another container already");
}

std::optional<EngineStats> FakeHost::read_counters(std::int64_t pid) {
  const auto found = counters.find(pid);
  if (found == counters.end()) return std::nullopt;
  return found->second;
}

Result<> FakeHost::make_matlab_folders(const std::string&, int slot) {
  if (is_full) return fail(ErrorCode::kUnavailable, "the disk is full");
  folders.push_back("user_" + std::to_string(slot));
  return ok();
}

Lab::Lab(LabOptions options) : options_(std::move(options)), key_folder_(make_folder()) {
  open_store();
  memory::MachineOptions machine;
  machine.gpus = {"GPU-1", "GPU-2"};
  engine = std::make_shared<FakeEngine>(clock, timers, machine);
  engine->machine.add_image(kImage);
  engine->machine.add_image(kMatlabImage);
  auto fill = store->write([](Transaction& tx) -> Result<std::vector<std::int64_t>> {
    auto ann_id = tx.insert_user({.name = "ann", .email = "ann@lab"});
    auto bob_id = tx.insert_user({.name = "bob", .email = "bob@lab"});
    const DeviceId did = tx.insert_device({.name = "local",
                                           .endpoint = "unix:///x",
                                           .cpu_cores = 8,
                                           .memory_mb = 16 * 1024,
                                           .cpu_name = "cpu",
                                           .ip = "127.0.0.1",
                                           .data_dir = "/data",
                                           .port_first = 6000,
                                           .port_last = 6100});
    const GpuId first = tx.put_gpu({.did = did, .uuid = "GPU-1", .model = "RTX 4090 24GB"});
    const GpuId second = tx.put_gpu({.did = did, .uuid = "GPU-2", .model = "RTX 4090 24GB"});
    const ImageId iid =
        tx.insert_image({.did = did, .name = "workspace", .is_public = true, .reference = kImage});
    return std::vector<std::int64_t>{ann_id->value, bob_id->value, did.value,
                                     first.value,   second.value,  iid.value};
  });
  const auto ids = value_of(run(io, std::move(fill)));
  ann = {UserId{ids[0]}, "ann", Role::kUser};
  bob = {UserId{ids[1]}, "bob", Role::kUser};
  device = DeviceId{ids[2]};
  gpus = {GpuId{ids[3]}, GpuId{ids[4]}};
  image = ImageId{ids[5]};
  build();
}

Lab::~Lab() { std::filesystem::remove_all(key_folder_); }

void Lab::open_store() {
  const bool is_inline = options_.inline_writes || options_.database == ":memory:";
  store = value_of(open_sqlite(io, {.path = options_.database, .inline_writes = is_inline}));
}

void Lab::build() {
  sealer_ = value_of(secrets::Sealer::open_or_create(key_folder_ / "key"));
  const Control::Ground ground{io.get_executor(), *store, host, clock, timers, *sealer_};
  const Control::Rules rules{.installation = "test",
                             .shape = {.matlab_image = kMatlabImage, .matlab_data_root = "/data"},
                             .matlab = {.device = device},
                             .here = {device}};
  control = std::make_unique<Control>(ground, rules);
  control->devices.attach(device, engine);
  control->devices.mark_reachable(device, true);
}

NewContainer Lab::order(int cpu, std::int64_t memory_mb, std::vector<GpuId> wanted_gpus) const {
  return {image, "a name", cpu, memory_mb, std::move(wanted_gpus)};
}

Result<CreatedContainer> Lab::create(const Actor& actor, NewContainer wanted) {
  return run(io, control->containers.create(actor, std::move(wanted)));
}

ContainerId Lab::must_create(const Actor& actor, NewContainer wanted) {
  return value_of(create(actor, std::move(wanted))).container.cid;
}

void Lab::crash_and_recover() {
  engine->fault = {};
  engine->come_up();
  build();
  settle();
}

void Lab::crash() {
  control.reset();
  store.reset();
}

void Lab::start() {
  open_store();
  build();
}

namespace {

Task<bool> reconcile_once(Reconciler& reconciler, DeviceId device) {
  co_await reconciler.reconcile(device);
  co_return true;
}

}  // namespace

void Lab::settle() {
  for (int i = 0; i < 2; ++i) {
    run(io, reconcile_once(control->reconciler, device));
    io.restart();
    io.poll();
  }
}

std::vector<ContainerRow> Lab::rows() {
  return value_of(run(io, store->read([](Transaction& tx) -> Result<std::vector<ContainerRow>> {
    return tx.containers(limits::kContainers);
  })));
}

std::optional<ContainerRow> Lab::row(ContainerId cid) {
  return value_of(
      run(io, store->read([cid](Transaction& tx) -> Result<std::optional<ContainerRow>> {
        return tx.container(cid);
      })));
}

ContainerSeen Lab::seen(ContainerId cid) {
  const auto found = row(cid);
  if (!found) throw std::runtime_error("no row");
  return value_of(
      run(io, engine->inspect(control->driver.naming().container(*found, found->generation))));
}

Claim Lab::used() {
  return value_of(run(io, store->read([did = device](Transaction& tx) -> Result<Claim> {
    return tx.ledger(*tx.device(did)).used();
  })));
}

std::string Lab::complaints() {
  std::string wrong;
  Claim expected;
  std::size_t expected_containers = 0;
  for (const ContainerRow& found : rows()) {
    const std::string name = "cid " + std::to_string(found.cid.value) + ": ";
    if (found.wanted == Wanted::kGone) wrong += name + "still waits to be gone; ";
    if (found.start_pending) wrong += name + "a start is pending; ";
    if (found.rebuild) wrong += name + "is still being rebuilt; ";
    auto there =
        run(io, engine->inspect(control->driver.naming().container(found, found.generation)));
    if (there) ++expected_containers;
    const bool runs = there && is_running(*there);
    if (runs != (found.state == State::kRunning))
      wrong += name + "the row's state is not the engine's; ";
    if (found.kind == ContainerKind::kWorkspace && found.holds != runs)
      wrong += name + "holds is wrong; ";
    if (there && Naming::built_gpus(there->labels) != found.gpus)
      wrong += name + "made with other GPUs; ";
    if (found.kind != ContainerKind::kWorkspace || !found.holds) continue;
    expected.cpu_cores += found.cpu_cores;
    expected.memory_mb += found.memory_mb;
    for (GpuId gpu : found.gpus) {
      if (!expected.gpus.insert(gpu).second) wrong += name + "shares a GPU; ";
    }
  }
  if (!(used() == expected)) wrong += "the ledger is not the sum of its rows; ";
  if (expected.cpu_cores > 8 || expected.memory_mb > 16 * 1024)
    wrong += "more is promised than there is; ";
  const auto listed = value_of(run(io, engine->list(control->driver.naming().label_filter())));
  if (listed.size() != expected_containers) {
    wrong += std::to_string(listed.size()) + " containers on the engine for " +
             std::to_string(expected_containers) + " rows; ";
  }
  return wrong;
}

}  // namespace berth::testing
