#pragma once

#include <string>
#include <vector>

#include "control/matlab.hpp"
#include "control/remembered.hpp"
#include "http/router.hpp"

namespace berth::api::matlab {

// The face on :8080 of docs/matlab-api.md. Its error bodies differ from call to call, as
// documented.
struct Services {
  Matlab& matlab;
  Remembered<std::string>& answers;       // that follow from rows alone
  std::vector<std::string> token_hashes;  // of accepted bearer tokens; empty = none is asked for
};

// `services` must outlive the routes. Access classes: "public" and "key" (a bearer token where
// tokens are set).
std::vector<http::Route> routes(const Services& services);

http::Response refusal(int status, std::string_view reason);

}  // namespace berth::api::matlab
