#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "control/naming.hpp"
#include "engine/engine.hpp"
#include "engine/memory/machine.hpp"
#include "secrets/seal.hpp"
#include "store/store.hpp"
#include "trace.hpp"

namespace berth::sim {

// What one transaction did.
struct Changes {
  std::vector<ContainerRow> inserted;
  std::vector<ContainerRow> updated;
  std::vector<ContainerId> deleted;
  std::vector<ImageRow> images_inserted;
  std::vector<ImageRow> images;  // updated
  std::vector<ImageId> images_deleted;
  std::vector<UserId> users;
  std::vector<DeviceRow> devices;
  std::vector<GpuRow> gpus;
  std::vector<AuditRow> audits;
};

// What may never be untrue, whatever goes wrong (I1-I14 of the programme). Keeps a book of its own:
// of every commit, of what Berth was told by its engines and what it told people, and complains at
// once when they do not fit.
class Truths {
 public:
  Truths(Trace& trace, const secrets::Sealer& sealer) : trace_(trace), sealer_(sealer) {}

  void violate(const std::string& what);
  const std::optional<std::string>& violation() const { return violation_; }

  // From the store, after a commit.
  void committed(const Changes& changes);

  // From an engine: the answer to inspect (nothing: no such container), and to remove_image or
  // inspect_image.
  void told(DeviceId did, const std::string& name, std::optional<ContainerSeen> seen);
  // A start, restart or unpause leaves for an engine, and a clear no comes back: in between, and
  // after any other answer, what was seen before proves nothing.
  void start_sent(DeviceId did, const std::string& name) { ++told_[{did, name}].starts; }
  void start_refused(DeviceId did, const std::string& name) { --told_[{did, name}].starts; }
  void told_image(DeviceId did, const std::string& reference, bool is_gone);
  // From a machine, each time that a container begins to run, or is handed files.
  void started(DeviceId did, const memory::Machine& machine, const memory::Container& container);
  void uploaded(const memory::Container& container, const std::string& tar);
  void created(const ContainerSpec& spec);

  // From people: what they were promised, and what they asked for.
  void promised(ContainerId cid, const std::string& password);
  void promised(ImageId iid) { promised_images_.insert(iid); }
  void asked_to_remove(ContainerId cid) { removals_.insert(cid); }
  void asked_to_remove(ImageId iid) { image_removals_.insert(iid); }
  bool is_promised(ContainerId cid) const { return passwords_.contains(cid); }
  const std::string* password(ContainerId cid) const;
  const std::set<ImageId>& promised_images() const { return promised_images_; }

  // The rows, as they were committed.
  const ContainerRow* row(ContainerId cid) const;
  const ImageRow* image(ImageId iid) const;
  const std::map<ContainerId, ContainerRow>& rows() const { return rows_; }
  const std::map<ImageId, ImageRow>& images() const { return images_; }
  const std::map<DeviceId, DeviceRow>& devices() const { return devices_; }
  const std::map<GpuId, GpuRow>& gpus() const { return gpus_; }
  // What holding rows take of a device.
  Claim sum(DeviceId did) const;
  int audits(const std::string& action) const;

  const Naming& naming() const { return naming_; }

 private:
  void insert(const ContainerRow& row);
  void update(const ContainerRow& row, const Changes& changes);
  void remove(ContainerId cid);
  void check_wanted(const ContainerRow& before, const ContainerRow& after, const Changes& changes);
  void check_release(const ContainerRow& before, const ContainerRow& after);
  void check_claims(const ContainerRow& before, const ContainerRow& row);
  void check_gpus(const ContainerRow& row);
  void check_ports(const ContainerRow& row);
  void insert_image(const ImageRow& image);
  void update_image(const ImageRow& image);
  void remove_image(ImageId iid);
  bool was_told_absent(const ContainerRow& row, int generation) const;
  bool was_told_at_rest(const ContainerRow& row, int generation) const;

  Trace& trace_;
  const secrets::Sealer& sealer_;
  Naming naming_{"sim"};
  std::optional<std::string> violation_;

  std::map<ContainerId, ContainerRow> rows_;
  std::map<ImageId, ImageRow> images_;
  std::map<DeviceId, DeviceRow> devices_;
  std::map<GpuId, GpuRow> gpus_;
  std::map<DeviceId, Claim> most_;  // that each device ever had
  ContainerId last_cid_;
  ImageId last_iid_;
  UserId last_uid_;
  std::map<std::string, int> audits_;

  struct Told {
    bool is_absent = false;
    ContainerId cid;  // by its labels
    EngineState state = EngineState::kCreated;
    int starts = 0;  // sent since it was seen, and not refused
  };
  std::map<std::pair<DeviceId, std::string>, Told> told_;
  std::map<std::pair<DeviceId, std::string>, bool> told_images_;

  std::map<ContainerId, std::string> passwords_;
  std::set<ImageId> promised_images_;
  std::set<ContainerId> removals_;
  std::set<ImageId> image_removals_;
};

}  // namespace berth::sim
