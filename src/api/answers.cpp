#include "api/answers.hpp"

#include <charconv>

namespace berth::api {

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid:
      return 400;
    case ErrorCode::kUnauthenticated:
      return 401;
    case ErrorCode::kForbidden:
      return 403;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kConflict:
    case ErrorCode::kExhausted:
      return 409;
    case ErrorCode::kTooLarge:
      return 413;
    case ErrorCode::kTooMany:
      return 429;
    case ErrorCode::kRefused:
      return 502;
    case ErrorCode::kUnavailable:
      return 503;
    case ErrorCode::kUnknown:
      return 504;
    case ErrorCode::kInternal:
      return 500;
  }
  return 500;
}

http::Response error_response(const Error& error) {
  json::Answer body{{"status", -1}, {"error", error.message}};
  if (!error.details.empty()) body["details"] = error.details;
  return {.status = http_status(error.code), .body = json::encode(body)};
}

http::Response refusal(int status, std::string_view reason) {
  return {.status = status, .body = json::encode({{"status", -1}, {"error", reason}})};
}

http::Response answer(const json::Answer& body) { return {.body = json::encode(body)}; }
http::Response done() { return answer({{"status", 0}}); }

Result<std::int64_t> path_id(const http::Request& request, std::string_view name,
                             std::string_view message) {
  const std::string_view text = request.param(name);
  std::int64_t id = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, id);
  if (text.empty() || error != std::errc() || stop != end || id < 1 || text[0] == '0' ||
      text[0] == '+') {
    return fail(ErrorCode::kNotFound, std::string(message));
  }
  return id;
}

Result<json::Fields> body_fields(const http::Request& request) {
  auto object = json::parse_object(request.body);
  if (!object) return std::unexpected(object.error());
  return json::Fields(*object);
}

}  // namespace berth::api
