#pragma once

#include <optional>

#include "base/result.hpp"
#include "http/message.hpp"

namespace berth::api {

// A page of another site must not act for whoever is logged in here. For every method that changes
// something, and for a WebSocket: an Origin must be this host's own, Sec-Fetch-Site must not say
// otherwise, and a body must be JSON, which no form can send. A request without these headers does
// not come from a page (scripts, curl). kForbidden or kInvalid with HTTP status 403 or 415 in
// `status`.
struct CrossSiteRefusal {
  int status = 403;
  std::string reason;
};
std::optional<CrossSiteRefusal> refuse_cross_site(const http::Request& request);

// Whether the Host header names this machine by a loopback name or address, or by `listen_address`:
// a page that had its own name resolve to us (DNS rebinding) fails here.
bool is_own_host(const http::Request& request, std::string_view listen_address);

}  // namespace berth::api
