#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace berth::docker {

std::string percent_encode(std::string_view text);

// Path and query of one call: Target("/containers").part(id).path("/stop").query("t", "10").text().
// Whatever a part or a value holds, it stays one part or one value.
class Target {
 public:
  explicit Target(std::string_view path) : text_(path) {}

  Target& path(std::string_view fixed);
  Target& part(std::string_view segment);
  Target& query(std::string_view key, std::string_view value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  bool has_query_ = false;
};

// An id or a name as the engine allows it. kInvalid for the rest, before anything is sent.
Result<> check_container(std::string_view name);
// An id (sha256:...) or repository[:tag], in the characters of the OCI reference grammar, with no empty or dotted segment.
Result<> check_image(std::string_view name);

struct RepositoryTag {
  std::string repository;
  std::string tag;
};
// "repository:tag"; without a tag it is "latest", as everywhere.
Result<RepositoryTag> split_tag(std::string_view name);

bool is_hex_id(std::string_view text);    // 64 lower-case hex digits
bool is_image_id(std::string_view text);  // sha256: and 64 of them

}  // namespace berth::docker
