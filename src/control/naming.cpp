#include "control/naming.hpp"

#include <charconv>
#include <sstream>

namespace berth {
namespace {

constexpr char kInstallation[] = "berth.installation";
constexpr char kContainer[] = "berth.cid";
constexpr char kGeneration[] = "berth.generation";
constexpr char kKind[] = "berth.kind";
constexpr char kGpus[] = "berth.gpus";
constexpr char kRebuild[] = "berth.rebuild";
constexpr char kSaved[] = "berth.saved";

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number <= 0) return std::nullopt;
  return number;
}

template <class Number>
std::optional<Number> parse_label(const std::map<std::string, std::string>& labels,
                                  const char* key) {
  auto found = labels.find(key);
  if (found == labels.end()) return std::nullopt;
  return parse_number<Number>(found->second);
}

std::string join_ids(const std::vector<GpuId>& gpus) {
  std::string joined;
  for (GpuId gpu : gpus) joined += (joined.empty() ? "" : ",") + std::to_string(gpu.value);
  return joined;
}

// Splits "12-g3" into 12 and 3.
std::optional<Naming::Owner> parse_rebuild_tag(std::string_view tag) {
  const auto dash = tag.find("-g");
  if (dash == std::string_view::npos) return std::nullopt;
  auto cid = parse_number<std::int64_t>(tag.substr(0, dash));
  auto generation = parse_number<int>(tag.substr(dash + 2));
  if (!cid || !generation) return std::nullopt;
  return Naming::Owner{ContainerId{*cid}, *generation};
}

}  // namespace

std::string Naming::container(const ContainerRow& row, int generation) const {
  if (row.kind == ContainerKind::kMatlab) return "matlab-user-" + std::to_string(row.slot);
  return "berth-" + installation_ + "-" + std::to_string(row.cid.value) + "-g" +
         std::to_string(generation);
}

std::string Naming::rebuild_image(ContainerId cid, int generation) const {
  return "berth/rebuild-" + installation_ + ":" + std::to_string(cid.value) + "-g" +
         std::to_string(generation);
}

std::string Naming::saved_image(ImageId iid) const {
  return "berth/saved-" + installation_ + ":" + std::to_string(iid.value);
}

std::string Naming::data_folder(ContainerId cid) const {
  return installation_ + "-" + std::to_string(cid.value);
}

std::map<std::string, std::string> Naming::labels(const ContainerRow& row, int generation) const {
  return {{kInstallation, installation_},
          {kContainer, std::to_string(row.cid.value)},
          {kGeneration, std::to_string(generation)},
          {kGpus, join_ids(row.gpus)},
          {kKind, row.kind == ContainerKind::kMatlab ? "matlab" : "workspace"}};
}

std::vector<std::string> Naming::unlabel() {
  std::vector<std::string> changes;
  for (const char* label :
       {kInstallation, kContainer, kGeneration, kKind, kGpus, kRebuild, kSaved}) {
    changes.push_back(std::string("LABEL ") + label + "=\"\"");
  }
  return changes;
}

std::vector<std::string> Naming::relabel_rebuild() const {
  auto changes = unlabel();
  changes.push_back(std::string("LABEL ") + kRebuild + "=\"" + installation_ + "\"");
  return changes;
}

std::vector<std::string> Naming::relabel_saved() const {
  auto changes = unlabel();
  changes.push_back(std::string("LABEL ") + kSaved + "=\"" + installation_ + "\"");
  return changes;
}

std::string Naming::rebuild_filter() const { return std::string(kRebuild) + "=" + installation_; }
std::string Naming::saved_filter() const { return std::string(kSaved) + "=" + installation_; }

std::vector<GpuId> Naming::built_gpus(const std::map<std::string, std::string>& labels) {
  std::vector<GpuId> gpus;
  auto found = labels.find(kGpus);
  if (found == labels.end()) return gpus;
  std::istringstream words(found->second);
  for (std::string word; std::getline(words, word, ',');) {
    if (auto id = parse_number<std::int64_t>(word)) gpus.push_back(GpuId{*id});
  }
  return gpus;
}

std::optional<Naming::Owner> Naming::owner(const std::map<std::string, std::string>& labels) const {
  auto installation = labels.find(kInstallation);
  if (installation == labels.end() || installation->second != installation_) return std::nullopt;
  auto cid = parse_label<std::int64_t>(labels, kContainer);
  auto generation = parse_label<int>(labels, kGeneration);
  if (!cid || !generation) return std::nullopt;
  return Owner{ContainerId{*cid}, *generation};
}

std::optional<Naming::Owner> Naming::rebuild_owner(std::string_view tag) const {
  const std::string prefix = "berth/rebuild-" + installation_ + ":";
  if (!tag.starts_with(prefix)) return std::nullopt;
  return parse_rebuild_tag(tag.substr(prefix.size()));
}

std::optional<ImageId> Naming::saved_owner(std::string_view tag) const {
  const std::string prefix = "berth/saved-" + installation_ + ":";
  if (!tag.starts_with(prefix)) return std::nullopt;
  auto iid = parse_number<std::int64_t>(tag.substr(prefix.size()));
  return iid ? std::optional(ImageId{*iid}) : std::nullopt;
}

}  // namespace berth
