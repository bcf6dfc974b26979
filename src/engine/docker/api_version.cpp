#include "engine/docker/api_version.hpp"

#include <algorithm>
#include <charconv>

namespace berth::docker {

std::optional<ApiVersion> parse_api_version(std::string_view text) {
  ApiVersion version;
  const char* const last = text.data() + text.size();
  const auto major = std::from_chars(text.data(), last, version.major);
  if (major.ec != std::errc{} || major.ptr == last || *major.ptr != '.') return std::nullopt;
  const auto minor = std::from_chars(major.ptr + 1, last, version.minor);
  if (minor.ec != std::errc{} || minor.ptr != last || version.major < 0 || version.minor < 0)
    return std::nullopt;
  return version;
}

std::string to_string(ApiVersion version) {
  return std::to_string(version.major) + '.' + std::to_string(version.minor);
}

Result<ApiVersion> choose_api(ApiVersion newest, ApiVersion oldest) {
  if (newest < kOldestApi) {
    return fail(ErrorCode::kRefused, "the engine is too old: it speaks API " + to_string(newest) +
                                         ", Berth needs " + to_string(kOldestApi) +
                                         " (Docker 19.03) or newer");
  }
  if (oldest > newest) {
    return fail(ErrorCode::kRefused, "the engine's API versions contradict each other: " +
                                         to_string(oldest) + " to " + to_string(newest));
  }
  return std::max(std::min(kOurApi, newest), oldest);
}

}  // namespace berth::docker
