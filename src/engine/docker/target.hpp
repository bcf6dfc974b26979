#pragma once

#include <string>
#include <string_view>

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

}  // namespace berth::docker
