#include "control/naming.hpp"

#include <charconv>

namespace berth {
namespace {

constexpr char kInstallation[] = "berth.installation";
constexpr char kContainer[] = "berth.cid";
constexpr char kGeneration[] = "berth.generation";
constexpr char kKind[] = "berth.kind";

template <class Number>
std::optional<Number> parse_number(const std::map<std::string, std::string>& labels, const char* key) {
  auto found = labels.find(key);
  if (found == labels.end()) return std::nullopt;
  const std::string& text = found->second;
  Number number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number <= 0) return std::nullopt;
  return number;
}

}  // namespace

std::string Naming::container(const ContainerRow& row, int generation) const {
  if (row.kind == ContainerKind::kMatlab) return "matlab-user-" + std::to_string(row.slot);
  return "berth-" + installation_ + "-" + std::to_string(row.cid.value) + "-g" + std::to_string(generation);
}

std::string Naming::rebuild_image(ContainerId cid, int generation) const {
  return "berth/rebuild-" + installation_ + ":" + std::to_string(cid.value) + "-g" + std::to_string(generation);
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
          {kKind, row.kind == ContainerKind::kMatlab ? "matlab" : "workspace"}};
}

std::vector<std::string> Naming::unlabel() {
  std::vector<std::string> changes;
  for (const char* label : {kInstallation, kContainer, kGeneration, kKind}) {
    changes.push_back(std::string("LABEL ") + label + "=\"\"");
  }
  return changes;
}

std::optional<Naming::Owner> Naming::owner(const std::map<std::string, std::string>& labels) const {
  auto installation = labels.find(kInstallation);
  if (installation == labels.end() || installation->second != installation_) return std::nullopt;
  auto cid = parse_number<std::int64_t>(labels, kContainer);
  auto generation = parse_number<int>(labels, kGeneration);
  if (!cid || !generation) return std::nullopt;
  return Owner{ContainerId{*cid}, *generation};
}

}  // namespace berth
