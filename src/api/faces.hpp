#pragma once

#include <string>
#include <vector>

#include "http/message.hpp"
#include "http/router.hpp"
#include "settings/address.hpp"

namespace berth::api {

// The whole of one face, from request to answer: what guards it, then its routes. The returned
// handler owns them. The platform's listener serves the contract's routes, /api/v1 beside them, and
// the page; each refuses in its own form.
struct PlatformRoutes {
  std::vector<http::Route> contract;
  std::vector<http::Route> v1;
  std::vector<http::Route> page;
};
http::Handler platform_face(PlatformRoutes routes);

struct MatlabGuard {
  std::vector<Network> allow;  // empty: everybody
  bool has_tokens =
      false;  // without tokens, only callers that name this machine as the host are served
  std::string listen_address;
};
http::Handler matlab_face(std::vector<http::Route> routes, MatlabGuard guard);

http::Handler admin_face(std::vector<http::Route> routes);

}  // namespace berth::api
