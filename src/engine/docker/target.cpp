#include "engine/docker/target.hpp"

namespace berth::docker {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

std::string percent_encode(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
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

}  // namespace berth::docker
