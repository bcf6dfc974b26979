#include "truths.hpp"

#include <algorithm>

#include "weak_secrets.hpp"

namespace berth::sim {
namespace {

bool is_alive(EngineState state) {
  return state == EngineState::kRunning || state == EngineState::kPaused ||
         state == EngineState::kRestarting;
}

bool says_alive(State state) { return state == State::kRunning || state == State::kPaused; }

std::string name_of(const ContainerRow& row) { return "cid " + std::to_string(row.cid.value); }

}  // namespace

void Truths::violate(const std::string& what) {
  trace_.say("VIOLATION", what);
  if (!violation_) violation_ = what;
}

const ContainerRow* Truths::row(ContainerId cid) const {
  auto found = rows_.find(cid);
  return found == rows_.end() ? nullptr : &found->second;
}

const ImageRow* Truths::image(ImageId iid) const {
  auto found = images_.find(iid);
  return found == images_.end() ? nullptr : &found->second;
}

const std::string* Truths::password(ContainerId cid) const {
  auto found = passwords_.find(cid);
  return found == passwords_.end() ? nullptr : &found->second;
}

int Truths::audits(const std::string& action) const {
  auto found = audits_.find(action);
  return found == audits_.end() ? 0 : found->second;
}

Claim Truths::sum(DeviceId did) const {
  Claim sum;
  for (const auto& [cid, row] : rows_) {
    if (row.did != did || !row.holds) continue;
    sum.cpu_cores += row.cpu_cores;
    sum.memory_mb += row.memory_mb;
    sum.gpus.insert(row.gpus.begin(), row.gpus.end());
  }
  return sum;
}

// --- the store

void Truths::committed(const Changes& changes) {
  for (const DeviceRow& device : changes.devices) {
    devices_[device.did] = device;
    Claim& most = most_[device.did];
    most.cpu_cores = std::max(most.cpu_cores, device.cpu_cores);
    most.memory_mb = std::max(most.memory_mb, device.memory_mb);
  }
  for (const GpuRow& gpu : changes.gpus) gpus_[gpu.gid] = gpu;
  for (UserId uid : changes.users) {
    if (uid <= last_uid_) violate("a user's id is used again");
    last_uid_ = uid;
  }
  if (changes.audits.size() > 1) violate("one transaction with several audit records");
  for (const AuditRow& audit : changes.audits) ++audits_[audit.action];
  for (const ContainerRow& row : changes.inserted) insert(row);
  for (const ContainerRow& row : changes.updated) update(row, changes);
  for (ContainerId cid : changes.deleted) remove(cid);
  for (const ImageRow& image : changes.images_inserted) insert_image(image);
  for (const ImageRow& image : changes.images) update_image(image);
  for (ImageId iid : changes.images_deleted) remove_image(iid);
  const std::size_t made = changes.inserted.size();
  if (made > 0 && changes.audits.size() != 1)
    violate("a container was made without an audit record");
}

void Truths::insert(const ContainerRow& row) {
  trace_.say("row", row.cid.value, "inserted", row.name);
  if (row.cid <= last_cid_) violate(name_of(row) + ": its id was used before");
  last_cid_ = std::max(last_cid_, row.cid);
  rows_[row.cid] = row;
  check_ports(row);
  check_claims({.holds = false}, row);
}

void Truths::update(const ContainerRow& row, const Changes& changes) {
  auto found = rows_.find(row.cid);
  if (found == rows_.end()) return;  // updating what is gone changes nothing
  const ContainerRow before = found->second;
  ContainerRow after = row;
  after.did = before.did;  // update_container leaves these as they are
  after.owner = before.owner;
  after.kind = before.kind;
  after.slot = before.slot;
  found->second = after;
  trace_.say("row", row.cid.value, to_string(row.wanted), to_string(row.state), row.holds,
             row.start_pending, row.rebuild, row.generation);
  if (!before.sealed_password.empty() && before.sealed_password != after.sealed_password) {
    violate(name_of(row) + ": its password was changed");
  }
  if (after.generation < before.generation || after.generation > before.generation + 1) {
    violate(name_of(row) + ": its generation jumped");
  }
  if (row.owner != before.owner) violate(name_of(row) + ": its owner was changed");
  check_wanted(before, after, changes);
  check_release(before, after);
  check_ports(after);
  check_claims(before, after);
}

// Only its owner may want something else, and says so on record; Berth itself may only give up.
void Truths::check_wanted(const ContainerRow& before, const ContainerRow& after,
                          const Changes& changes) {
  if (before.wanted == Wanted::kGone && after.wanted != Wanted::kGone &&
      after.kind == ContainerKind::kWorkspace) {
    violate(name_of(after) + ": was to be gone and is wanted again");
  }
  const UserId asked = changes.audits.empty() ? UserId{} : changes.audits[0].actor;
  if (after.kind == ContainerKind::kMatlab && !changes.audits.empty()) return;
  if (asked && asked != after.owner) {
    violate(name_of(after) + ": was changed by another than its owner");
  }
  if (asked) return;
  if (before.wanted == after.wanted) return;
  if (after.wanted == Wanted::kRunning) violate(name_of(after) + ": nobody asked for it to run");
  if (after.wanted == Wanted::kGone && passwords_.contains(after.cid)) {
    violate(name_of(after) + ": nobody asked for it to go");
  }
}

// What Berth has not seen at rest keeps its state and what it holds (I4).
void Truths::check_release(const ContainerRow& before, const ContainerRow& after) {
  const auto is_kept = [&after](GpuId gid) { return std::ranges::count(after.gpus, gid) > 0; };
  const bool stops = says_alive(before.state) && !says_alive(after.state);
  const bool releases =
      before.holds && (!after.holds || !std::ranges::all_of(before.gpus, is_kept));
  if (stops && after.holds && !after.start_pending && !after.rebuild)
    violate(name_of(after) + ": marked as stopped, and keeps its resources");
  if (!stops && !releases) return;
  if (!was_told_at_rest(before, before.generation)) {
    violate(name_of(after) + (stops ? ": marked as stopped" : ": gives its resources back") +
            ", but it was last seen alive");
  }
  if (!before.rebuild) return;
  if (!was_told_at_rest(before, before.generation + 1)) {
    violate(name_of(after) + ": gives up while its successor was last seen alive");
  }
}

bool Truths::was_told_absent(const ContainerRow& row, int generation) const {
  auto found = told_.find({row.did, naming_.container(row, generation)});
  if (found == told_.end() || found->second.starts > 0) return false;
  return found->second.is_absent || found->second.cid != row.cid;
}

bool Truths::was_told_at_rest(const ContainerRow& row, int generation) const {
  auto found = told_.find({row.did, naming_.container(row, generation)});
  if (found == told_.end() || found->second.starts > 0) return false;
  return was_told_absent(row, generation) || !is_alive(found->second.state);
}

void Truths::remove(ContainerId cid) {
  auto found = rows_.find(cid);
  if (found == rows_.end()) return;
  const ContainerRow row = found->second;
  rows_.erase(found);
  trace_.say("row", cid.value, "deleted");
  if (!was_told_absent(row, row.generation) ||
      (row.rebuild && !was_told_absent(row, row.generation + 1))) {
    violate(name_of(row) + ": its row was deleted, and no engine said that it is gone");
  }
  if (passwords_.contains(cid) && !removals_.contains(cid)) {
    violate(name_of(row) + ": its row was deleted, and its owner did not ask for it");
  }
}

// Nothing is promised that is not there. On a device that has less than before, what was promised
// before stays.
void Truths::check_claims(const ContainerRow& before, const ContainerRow& row) {
  if (!row.holds || row.kind != ContainerKind::kWorkspace) return;
  check_gpus(row);
  auto device = devices_.find(row.did);
  if (device == devices_.end()) return violate(name_of(row) + ": has no device");
  for (GpuId gid : row.gpus) {
    const bool is_new = !before.holds || std::ranges::count(before.gpus, gid) == 0;
    const auto gpu = gpus_.find(gid);
    if (is_new && gpu != gpus_.end() && !gpu->second.present)
      violate(name_of(row) + ": gets a GPU that is not there");
  }
  if (before.holds) return;
  const Claim used = sum(row.did);
  if (used.cpu_cores > device->second.cpu_cores || used.memory_mb > device->second.memory_mb) {
    violate(name_of(row) + ": more is promised than its device has");
  }
}

void Truths::check_gpus(const ContainerRow& row) {
  for (GpuId gid : row.gpus) {
    auto gpu = gpus_.find(gid);
    if (gpu == gpus_.end() || gpu->second.did != row.did) {
      violate(name_of(row) + ": holds a GPU that is not its device's");
    }
    for (const auto& [cid, other] : rows_) {
      if (cid != row.cid && other.holds && std::ranges::count(other.gpus, gid) > 0) {
        violate(name_of(row) + ": holds a GPU that another holds");
      }
    }
  }
}

void Truths::check_ports(const ContainerRow& row) {
  for (const PortRow& port : row.ports) {
    for (const auto& [cid, other] : rows_) {
      if (cid == row.cid || other.did != row.did) continue;
      for (const PortRow& taken : other.ports) {
        if (taken.host_port == port.host_port) violate(name_of(row) + ": has another one's port");
      }
    }
  }
}

void Truths::insert_image(const ImageRow& image) {
  if (image.iid <= last_iid_) violate("an image's id is used again");
  last_iid_ = std::max(last_iid_, image.iid);
  images_[image.iid] = image;
  trace_.say("image", image.iid.value, "inserted", image.name);
}

void Truths::update_image(const ImageRow& image) {
  auto found = images_.find(image.iid);
  if (found == images_.end()) return;  // updating what is gone changes nothing
  if (found->second.owner != image.owner) violate("an image has another owner than before");
  found->second = image;
  trace_.say("image", image.iid.value, static_cast<int>(image.state));
}

void Truths::remove_image(ImageId iid) {
  auto found = images_.find(iid);
  if (found == images_.end()) return;
  const ImageRow image = found->second;
  images_.erase(found);
  trace_.say("image", iid.value, "deleted");
  const std::string name = "iid " + std::to_string(iid.value);
  for (const auto& [cid, row] : rows_) {
    if (row.iid == iid) violate(name + ": was deleted under a container");
  }
  if (promised_images_.contains(iid) && !image_removals_.contains(iid)) {
    violate(name + ": its row was deleted, and its owner did not ask for it");
  }
  // One that was never asked of the engine has nothing there.
  auto told = told_images_.find({image.did, image.reference});
  if (told != told_images_.end() && !told->second) {
    violate(name + ": its row was deleted, and the engine has it still");
  }
  if (told == told_images_.end() && image.state != ImageState::kSaving) {
    violate(name + ": its row was deleted, and the engine was not asked");
  }
}

// --- engines

void Truths::told(DeviceId did, const std::string& name, std::optional<ContainerSeen> seen) {
  Told& entry = told_[{did, name}];
  entry = {.is_absent = !seen};
  if (!seen) return;
  entry.state = seen->state;
  if (auto owner = naming_.owner(seen->labels)) entry.cid = owner->cid;
}

void Truths::told_image(DeviceId did, const std::string& reference, bool is_gone) {
  told_images_[{did, reference}] = is_gone;
}

// Two containers that run never share a GPU, and never take more than there is.
void Truths::started(DeviceId did, const memory::Machine& machine,
                     const memory::Container& container) {
  int cores = 0;
  std::int64_t memory_mb = 0;
  for (const memory::Container& other : machine.containers()) {
    if (!is_alive(other.state) || !naming_.owner(other.labels)) continue;
    if (other.spec.name.starts_with("matlab-")) continue;  // over-commits on purpose
    cores += other.spec.cpu_cores;
    memory_mb += other.spec.memory_mb;
    if (other.id == container.id) continue;
    for (const std::string& gpu : container.spec.gpu_uuids) {
      if (std::ranges::count(other.spec.gpu_uuids, gpu) > 0) {
        violate(container.spec.name + " runs on the GPU of " + other.spec.name);
      }
    }
  }
  auto most = most_.find(did);
  if (most == most_.end()) return;
  if (cores > most->second.cpu_cores || memory_mb > most->second.memory_mb) {
    violate(container.spec.name + " runs on more than its device has");
  }
}

// The secret goes to its own container.
void Truths::uploaded(const memory::Container& container, const std::string& tar) {
  auto owner = naming_.owner(container.labels);
  const ContainerRow* its_row = owner ? row(owner->cid) : nullptr;
  if (its_row == nullptr) return;
  auto password = sealer_.open(its_row->sealed_password, naming_.data_folder(owner->cid));
  if (!password || uploaded_password(tar) != *password) {
    violate(container.spec.name + " was handed a secret that is not its own");
  }
}

// Nobody is shown the files of another, and no id that Berth never gave out appears.
void Truths::created(const ContainerSpec& spec) {
  auto owner = naming_.owner(spec.labels);
  if (!owner) return violate(spec.name + ": made without saying whose it is");
  if (owner->cid > last_cid_) violate(spec.name + ": made for a row that does not exist");
  if (spec.name.starts_with("matlab-")) return;
  const std::string folder = "/" + naming_.data_folder(owner->cid);
  for (const Mount& mount : spec.mounts) {
    if (!mount.read_only && !mount.host_path.ends_with(folder)) {
      violate(spec.name + ": mounts a folder that is not its own");
    }
  }
}

// --- people

void Truths::promised(ContainerId cid, const std::string& password) { passwords_[cid] = password; }

}  // namespace berth::sim
