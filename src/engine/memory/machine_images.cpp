// The images of the machine in memory.
#include <algorithm>

#include "engine/arguments.hpp"
#include "engine/memory/machine.hpp"
#include "engine/memory/words.hpp"

namespace berth::memory {
namespace {

std::string full_tag(const std::string& tag) {
  const auto parts = split_tag(tag);
  return parts ? parts->repository + ":" + parts->tag : tag;
}

// LABEL key=value, with or without quotes: as much of it as our own changes use.
void apply_change(const std::string& change, std::map<std::string, std::string>& labels) {
  constexpr std::string_view kLabel = "LABEL ";
  if (!change.starts_with(kLabel)) return;
  std::string text = change.substr(kLabel.size());
  std::erase(text, '"');
  const auto equals = text.find('=');
  if (equals != text.npos) labels[text.substr(0, equals)] = text.substr(equals + 1);
}

}  // namespace

const Image* Machine::find_image(std::string_view tag_or_id) const {
  const auto tag = full_tag(std::string(tag_or_id));
  for (const auto& image : images_) {
    if (image.id == tag_or_id || image.tags.contains(tag)) return &image;
  }
  return nullptr;
}

Image* Machine::find_image(std::string_view tag_or_id) {
  return const_cast<Image*>(std::as_const(*this).find_image(tag_or_id));
}

void Machine::move_tag(const std::string& tag, Image& image) {
  for (auto& other : images_) other.tags.erase(full_tag(tag));
  image.tags.insert(full_tag(tag));
}

Result<std::string> Machine::commit(const std::string& container, const std::string& tag,
                                    const std::vector<std::string>& changes) {
  auto found = need(container);
  if (!found) return std::unexpected(found.error());
  if ((*found)->state == EngineState::kRemoving || (*found)->state == EngineState::kDead) {
    return refused("save the container as an image",
                   "You cannot commit container " + container + " which is being removed",
                   ErrorCode::kConflict);
  }
  const auto* base = find_image((*found)->image_id);
  const auto written = options_.inside->changes(**found, clock_.now()).size_bytes.value_or(0);
  Image image{.id = "sha256:" + next_id(),
              .parent = (*found)->image_id,
              .labels = (*found)->labels,
              .size_bytes = (base == nullptr ? 0 : base->size_bytes) + written};
  for (const auto& change : changes) apply_change(change, image.labels);
  images_.push_back(std::move(image));
  move_tag(tag, images_.back());
  emit(**found, "commit");
  return images_.back().id;
}

Result<ImageSeen> Machine::inspect_image(const std::string& image) const {
  const auto* found = find_image(image);
  if (found == nullptr)
    return refused("show the image", "no such image: " + image, ErrorCode::kNotFound);
  return ImageSeen{.id = found->id, .size_bytes = found->size_bytes};
}

Result<> Machine::tag_image(const std::string& image, const std::string& tag) {
  auto* found = find_image(image);
  if (found == nullptr)
    return refused("tag the image", "No such image: " + image, ErrorCode::kNotFound);
  move_tag(tag, *found);
  return ok();
}

bool Machine::is_used(const Image& image) const {
  return std::any_of(containers_.begin(), containers_.end(),
                     [&](const auto& each) { return each.image_id == image.id; });
}

bool Machine::has_children(const Image& image) const {
  return std::any_of(images_.begin(), images_.end(),
                     [&](const auto& each) { return each.parent == image.id; });
}

Result<> Machine::remove_image(const std::string& image) {
  auto* found = find_image(image);
  if (found == nullptr) return ok();
  const bool by_id = found->id == image;
  if (!by_id && found->tags.size() > 1) {
    found->tags.erase(full_tag(image));
    return ok();
  }
  if (by_id && found->tags.size() > 1) {
    return refused("remove the image",
                   "conflict: unable to delete " + image +
                       " (must be forced) - image is referenced in multiple repositories",
                   ErrorCode::kConflict);
  }
  if (is_used(*found)) {
    return refused("remove the image",
                   "conflict: unable to remove repository reference \"" + image +
                       "\" (must force) - container is using its referenced image",
                   ErrorCode::kConflict);
  }
  if (has_children(*found)) {
    if (by_id)
      return refused("remove the image",
                     "conflict: unable to delete " + image +
                         " (cannot be forced) - image has dependent child images",
                     ErrorCode::kConflict);
    found->tags.clear();
    return ok();
  }
  std::erase_if(images_, [id = found->id](const auto& each) { return each.id == id; });
  return ok();
}

std::vector<std::string> Machine::list_images(std::string_view label) const {
  std::vector<std::string> tags;
  for (const auto& image : images_) {
    if (has_label(image.labels, label))
      tags.insert(tags.end(), image.tags.begin(), image.tags.end());
  }
  return tags;
}

std::string Machine::add_image(const std::string& tag, std::map<std::string, std::string> labels,
                               std::int64_t size_bytes) {
  images_.push_back(
      {.id = "sha256:" + next_id(), .labels = std::move(labels), .size_bytes = size_bytes});
  move_tag(tag, images_.back());
  return images_.back().id;
}

}  // namespace berth::memory
