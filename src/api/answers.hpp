#pragma once

#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"
#include "json/decode.hpp"
#include "json/encode.hpp"

namespace berth::api {

// What the platform's face and the admin socket share: {"status":0,...} and
// {"status":-1,"error":...}.

// From error to HTTP: the one table.
int http_status(ErrorCode code);

http::Response error_response(const Error& error);  // with "details" where there are any
http::Response refusal(int status, std::string_view reason);
http::Response answer(const json::Answer& body);
http::Response done();  // {"status":0}

// The id in the path: digits without a leading zero, at least 1. kNotFound with `message` for
// anything else, as for a thing that does not exist.
Result<std::int64_t> path_id(const http::Request& request, std::string_view name,
                             std::string_view message);

// The JSON object of the body; kInvalid when it is none.
Result<json::Fields> body_fields(const http::Request& request);

}  // namespace berth::api
