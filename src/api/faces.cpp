#include "api/faces.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

#include "api/answers.hpp"
#include "api/bearer.hpp"
#include "api/matlab/matlab_face.hpp"
#include "api/same_origin.hpp"
#include "api/session_cookies.hpp"
#include "api/v1/reasons.hpp"

namespace berth::api {
namespace {

using Refuse = http::Response (*)(int, std::string_view);

Task<http::Response> guarded(std::shared_ptr<const http::Router> router, Refuse refuse,
                             http::Request request) {
  if (auto refusal = refuse_cross_site(request)) co_return refuse(refusal->status, refusal->reason);
  co_return co_await router->handle(std::move(request));
}

// A token comes from nobody's browser by itself, so where it comes from does not matter; unless
// there are cookies as well, and then who asks would depend on who looks.
Task<http::Response> guarded_v1(std::shared_ptr<const http::Router> router, http::Request request) {
  if (!has_bearer(request))
    co_return co_await guarded(std::move(router), v1::refusal, std::move(request));
  if (has_session_cookies(request))
    co_return v1::refusal(400, "send a token or the cookies of a log-in, not both");
  if (auto refusal = refuse_unless_json(request))
    co_return v1::refusal(refusal->status, refusal->reason);
  co_return co_await router->handle(std::move(request));
}

bool is_allowed(const std::vector<Network>& networks, const std::string& peer) {
  return networks.empty() || std::ranges::any_of(networks, [&](const Network& network) {
           return contains(network, peer);
         });
}

Task<http::Response> guarded_matlab(std::shared_ptr<const http::Router> router,
                                    std::shared_ptr<const MatlabGuard> guard,
                                    http::Request request) {
  if (!is_allowed(guard->allow, request.peer))
    co_return matlab::refusal(403, "this address may not call here");
  if (!guard->has_tokens && !is_own_host(request, guard->listen_address)) {
    co_return matlab::refusal(421, "the Host header does not name this server");
  }
  co_return co_await guarded(std::move(router), matlab::refusal, std::move(request));
}

}  // namespace

http::Handler platform_face(PlatformRoutes routes) {
  std::vector<http::Route> contract = std::move(routes.contract);
  std::ranges::move(routes.page, std::back_inserter(contract));
  auto router = std::make_shared<const http::Router>(std::move(contract), refusal);
  auto v1_router = std::make_shared<const http::Router>(std::move(routes.v1), v1::refusal);
  return [router, v1_router](http::Request request) {
    const bool is_v1 = request.path == "/api/v1" || request.path.starts_with("/api/v1/");
    if (is_v1) return guarded_v1(v1_router, std::move(request));
    return guarded(router, refusal, std::move(request));
  };
}

http::Handler matlab_face(std::vector<http::Route> routes, MatlabGuard guard) {
  auto router = std::make_shared<const http::Router>(std::move(routes), matlab::refusal);
  auto shared = std::make_shared<const MatlabGuard>(std::move(guard));
  return [router, shared](http::Request request) {
    return guarded_matlab(router, shared, std::move(request));
  };
}

http::Handler admin_face(std::vector<http::Route> routes) {
  auto router = std::make_shared<const http::Router>(std::move(routes), refusal);
  return [router](http::Request request) { return router->handle(std::move(request)); };
}

}  // namespace berth::api
