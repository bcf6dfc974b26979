#pragma once

#include "base/result.hpp"
#include "http/message.hpp"

namespace berth::api::platform {

// The face's one table from error to HTTP.
int http_status(ErrorCode code);

// {"status":-1,"error":...} with "details" where there are any.
http::Response error_response(const Error& error);
http::Response refusal(int status, std::string_view reason);

}  // namespace berth::api::platform
