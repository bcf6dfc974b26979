#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/client.hpp"

namespace berth::docker {

// How an engine at `endpoint` is reached: over ssh by what the docker command runs there as well;
// with `certificates`, over TLS.
Result<http::Address> to_address(std::string_view endpoint, const std::string& certificates);

// What suits that way there.
http::ClientOptions client_options(const Result<http::Address>& address);

}  // namespace berth::docker
