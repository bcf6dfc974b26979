#pragma once

#include <optional>
#include <string>

#include "base/result.hpp"
#include "http/message.hpp"

namespace berth::api {

// The token of `Authorization: Bearer TOKEN` (RFC 6750), which is read from nowhere else: an
// address stands in logs. Nothing where there is no such header, or it is of another scheme;
// kUnauthenticated where it has no token or comes twice: which one would count?
Result<std::optional<std::string>> read_bearer(const http::Request& request);

// Whether a token was sent at all, good or not.
bool has_bearer(const http::Request& request);

}  // namespace berth::api
