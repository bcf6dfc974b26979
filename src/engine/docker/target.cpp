#include "engine/docker/target.hpp"

#include <algorithm>

namespace berth::docker {
namespace {

constexpr std::size_t kIdLength = 64;
constexpr std::size_t kLongestName = 255;
constexpr std::string_view kIdPrefix = "sha256:";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool consists_of(std::string_view text, std::string_view marks) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_letter_or_digit(c) || marks.find(c) != marks.npos; });
}

bool is_segment(std::string_view segment) {
  return !segment.empty() && is_letter_or_digit(segment.front()) && segment.find("..") == segment.npos;
}

bool has_sound_segments(std::string_view name) {
  for (;;) {
    const auto slash = name.find('/');
    if (!is_segment(name.substr(0, slash))) return false;
    if (slash == name.npos) return true;
    name.remove_prefix(slash + 1);
  }
}

}  // namespace

std::string percent_encode(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_letter_or_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      encoded += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return encoded;
}

Target& Target::path(std::string_view fixed) {
  text_ += fixed;
  return *this;
}

Target& Target::part(std::string_view segment) {
  text_ += '/' + percent_encode(segment);
  return *this;
}

Target& Target::query(std::string_view key, std::string_view value) {
  text_ += has_query_ ? '&' : '?';
  text_ += percent_encode(key) + '=' + percent_encode(value);
  has_query_ = true;
  return *this;
}

Result<> check_container(std::string_view name) {
  const bool is_sound = !name.empty() && name.size() <= kLongestName && is_letter_or_digit(name.front()) && consists_of(name, "_.-");
  if (!is_sound) return fail(ErrorCode::kInvalid, "that is no container's name or id");
  return ok();
}

Result<> check_image(std::string_view name) {
  const bool is_sound = name.size() <= kLongestName && consists_of(name, "_.-/:@") && has_sound_segments(name);
  if (!is_sound) return fail(ErrorCode::kInvalid, "that is no image's name or id");
  return ok();
}

Result<RepositoryTag> split_tag(std::string_view name) {
  auto checked = check_image(name);
  if (!checked) return std::unexpected(checked.error());
  if (name.find('@') != name.npos || is_image_id(name)) return fail(ErrorCode::kInvalid, "an image's tag cannot be an id");
  const auto colon = name.rfind(':');
  const auto slash = name.rfind('/');
  if (colon == name.npos || (slash != name.npos && colon < slash)) return RepositoryTag{std::string(name), "latest"};
  if (colon == 0 || colon + 1 == name.size()) return fail(ErrorCode::kInvalid, "an image's tag cannot be empty");
  return RepositoryTag{std::string(name.substr(0, colon)), std::string(name.substr(colon + 1))};
}

bool is_hex_id(std::string_view text) {
  return text.size() == kIdLength && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
}

bool is_image_id(std::string_view text) {
  return text.starts_with(kIdPrefix) && is_hex_id(text.substr(kIdPrefix.size()));
}

}  // namespace berth::docker
