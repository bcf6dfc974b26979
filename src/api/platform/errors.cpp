#include "api/platform/errors.hpp"

#include "json/encode.hpp"

namespace berth::api::platform {

int http_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalid: return 400;
    case ErrorCode::kUnauthenticated: return 401;
    case ErrorCode::kForbidden: return 403;
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kConflict:
    case ErrorCode::kExhausted: return 409;
    case ErrorCode::kTooLarge: return 413;
    case ErrorCode::kTooMany: return 429;
    case ErrorCode::kRefused: return 502;
    case ErrorCode::kUnavailable: return 503;
    case ErrorCode::kUnknown: return 504;
    case ErrorCode::kInternal: return 500;
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

}  // namespace berth::api::platform
