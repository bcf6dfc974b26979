#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace berth {

// How Berth's objects are called on an engine. Names are fixed by id and generation, so making one
// twice is making it once; labels say whose they are. `installation` is random, made once a
// database: two Berths can share an engine.
class Naming {
 public:
  explicit Naming(std::string installation) : installation_(std::move(installation)) {}

  const std::string& installation() const { return installation_; }

  // A MATLAB session keeps the name that its contract gives it; a workspace's name is never used
  // again.
  std::string container(const ContainerRow& row, int generation) const;
  // The hidden image that carries a container's files to its next generation.
  std::string rebuild_image(ContainerId cid, int generation) const;
  std::string saved_image(ImageId iid) const;
  // The folder of a workspace under the device's data_dir: never used for anybody else.
  std::string data_folder(ContainerId cid) const;

  std::map<std::string, std::string> labels(const ContainerRow& row, int generation) const;
  // Selects everything of this installation in a listing.
  std::string label_filter() const { return "berth.installation=" + installation_; }
  // Dockerfile instructions that take our labels off a saved image, so that nothing made from it by
  // hand looks ours.
  static std::vector<std::string> unlabel();
  // The same, and marked as one of this installation's: a hidden image, and one that a person
  // saved.
  std::vector<std::string> relabel_rebuild() const;
  std::vector<std::string> relabel_saved() const;
  std::string rebuild_filter() const;
  std::string saved_filter() const;

  struct Owner {
    ContainerId cid;
    int generation = 0;
  };
  // Whose container this is by its labels; nothing when it is not of this installation.
  std::optional<Owner> owner(const std::map<std::string, std::string>& labels) const;
  std::optional<Owner> rebuild_owner(std::string_view tag) const;
  std::optional<ImageId> saved_owner(std::string_view tag) const;
  // The GPUs that an engine container was made with.
  static std::vector<GpuId> built_gpus(const std::map<std::string, std::string>& labels);

 private:
  std::string installation_;
};

}  // namespace berth
