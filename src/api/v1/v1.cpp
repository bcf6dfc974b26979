#include "api/v1/v1.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>

#include "api/bearer.hpp"
#include "api/denials.hpp"
#include "api/session_cookies.hpp"
#include "api/v1/handlers.hpp"
#include "base/limits.hpp"

namespace berth::api::v1 {
namespace {

Result<> may_call(const Caller& caller, Access access) {
  if (caller.scopes && !covers(*caller.scopes, access))
    return fail(ErrorCode::kForbidden, "the token may not do this", needed_by(access));
  if (access == Access::kAdmin && !caller.actor.is_admin())
    return fail(ErrorCode::kForbidden, "only an admin may do this");
  return ok();
}

Task<http::Response> answer_to(const Services& services, Caller caller, Access access,
                               UserHandler handler, http::Request request) {
  if (auto r = may_call(caller, access); !r) co_return refused(request, r.error());
  co_return co_await handler(services, caller.actor, std::move(request));
}

Task<http::Response> let_in(const Services& services, Access access, UserHandler handler,
                            http::Request request) {
  auto caller = co_await who_asks(services, request);
  if (!caller) co_return refused(request, caller.error());
  std::string change = change_of(request);
  auto response = co_await answer_to(services, *caller, access, handler, std::move(request));
  co_return co_await noting_denial(services.accounts, caller->actor, std::move(change),
                                   std::move(response));
}

}  // namespace

void add_public(const Services& services, Routes& routes, std::string method, std::string pattern,
                PublicHandler handler) {
  routes.push_back({std::move(method), std::move(pattern), std::string(to_string(Access::kPublic)),
                    [&services, handler](http::Request request) {
                      return handler(services, std::move(request));
                    }});
}

void add_route(const Services& services, Routes& routes, Access access, std::string method,
               std::string pattern, UserHandler handler) {
  assert(access != Access::kPublic && "a public route has no actor");
  routes.push_back({std::move(method), std::move(pattern), std::string(to_string(access)),
                    [&services, access, handler](http::Request request) {
                      return let_in(services, access, handler, std::move(request));
                    }});
}

Task<Result<Caller>> who_asks(const Services& services, const http::Request& request) {
  auto token = read_bearer(request);
  if (!token) co_return std::unexpected(token.error());
  if (*token) {
    auto user = co_await services.api_tokens.authenticate(std::move(**token), request.peer);
    if (!user) co_return std::unexpected(user.error());
    co_return Caller{user->actor, user->scopes};
  }
  auto cookies = read_session_cookies(request);
  if (!cookies) co_return std::unexpected(cookies.error());
  auto actor = co_await services.accounts.authenticate(cookies->username, cookies->user_token);
  if (!actor) co_return std::unexpected(actor.error());
  co_return Caller{*actor, std::nullopt};
}

Task<Result<Actor>> who_may(const Services& services, Access access, const http::Request& request) {
  auto caller = co_await who_asks(services, request);
  if (!caller) co_return std::unexpected(caller.error());
  if (auto r = may_call(*caller, access); !r) co_return std::unexpected(r.error());
  co_return caller->actor;
}

// RFC 6750, section 3.
http::Response refused(const http::Request& request, const Error& error) {
  http::Response response = problem(request, error);
  if (response.status == 401 && has_bearer(request))
    response.headers.emplace_back("WWW-Authenticate", "Bearer error=\"invalid_token\"");
  return response;
}

Task<bool> is_still_let_in(const Services& services, Access access, Actor actor,
                           http::Request request) {
  auto now = co_await who_may(services, access, request);
  co_return now && now->role == actor.role;
}

http::Response answer(const json::Answer& body, int status) {
  return {.status = status, .body = json::encode(body)};
}

http::Response no_content() { return {.status = 204, .headers = {{"Cache-Control", "no-store"}}}; }

Result<json::Fields> read_body(const http::Request& request, bool may_be_absent) {
  std::string_view body = request.body;
  if (body.empty() && may_be_absent) body = "{}";
  auto object = json::parse_object(body);
  if (!object) return std::unexpected(object.error());
  return json::Fields(*object);
}

Result<std::int64_t> read_id(const http::Request& request, std::string_view name,
                             std::int64_t max) {
  const std::string_view text = request.param(name);
  std::int64_t id = 0;
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, id);
  const bool is_id =
      !text.empty() && error == std::errc() && stop == end && id >= 1 && text[0] != '0';
  if (!is_id || id > (max > 0 ? max : limits::kLargestId))
    return fail(ErrorCode::kNotFound, "no such id");
  return id;
}

std::vector<http::Route> routes(const Services& services) {
  Routes all;
  add_session_routes(services, all);
  add_device_routes(services, all);
  add_image_routes(services, all);
  add_container_routes(services, all);
  add_terminal_routes(services, all);
  add_operation_routes(services, all);
  add_event_routes(services, all);
  add_matlab_routes(services, all);
  add_token_routes(services, all);
  add_admin_routes(services, all);
  assert(std::ranges::all_of(all, is_access, &http::Route::access) &&
         "a route says who may call it, and with which token");
  return all;
}

}  // namespace berth::api::v1
