#include "engine/docker/verdict.hpp"

#include <algorithm>

#include "engine/docker/answers.hpp"

namespace berth::docker {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

bool contains(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

// Docker's words and Podman's.
bool says_absent(const std::string& message, Subject subject) {
  const auto text = lower(message);
  switch (subject) {
    case Subject::kContainer:
      return contains(text, "no such container") || contains(text, "no container with name or id");
    case Subject::kImage:
      return contains(text, "no such image") || contains(text, "image not known") ||
             contains(text, "failed to find image");
    case Subject::kNone:
      return false;
  }
  return false;
}

ErrorCode code_of(int status, const std::string& message, Subject subject) {
  if (status == 404 && says_absent(message, subject)) return ErrorCode::kNotFound;
  if (status == 409) return ErrorCode::kConflict;
  if (status >= 300) return ErrorCode::kRefused;
  return ErrorCode::kUnknown;  // a success that was not expected here
}

}  // namespace

Error refusal(const http::ClientResponse& response, std::string_view action, Subject subject) {
  auto message = parse_message(response.body);
  const auto code = code_of(response.status, message, subject);
  if (message.empty()) message = "HTTP status " + std::to_string(response.status);
  return {code, "the engine did not " + std::string(action), std::move(message)};
}

}  // namespace berth::docker
