#include "api/v1/v1.hpp"

#include <charconv>

#include "api/v1/handlers.hpp"
#include "base/limits.hpp"

namespace berth::api::v1 {
namespace {

Task<http::Response> as_user(const Services& services, UserHandler handler, http::Request request) {
  auto actor = co_await who_asks(services, request);
  if (!actor) co_return problem(request, actor.error());
  co_return co_await handler(services, *actor, std::move(request));
}

Task<http::Response> as_admin(const Services& services, UserHandler handler,
                              http::Request request) {
  auto actor = co_await who_asks(services, request);
  if (!actor) co_return problem(request, actor.error());
  if (!actor->is_admin()) co_return problem(request, "forbidden");
  co_return co_await handler(services, *actor, std::move(request));
}

}  // namespace

void add_public(const Services& services, Routes& routes, std::string method, std::string pattern,
                PublicHandler handler) {
  routes.push_back({std::move(method), std::move(pattern), "public",
                    [&services, handler](http::Request request) {
                      return handler(services, std::move(request));
                    }});
}

void add_user(const Services& services, Routes& routes, std::string method, std::string pattern,
              UserHandler handler) {
  routes.push_back(
      {std::move(method), std::move(pattern), "user", [&services, handler](http::Request request) {
         return as_user(services, handler, std::move(request));
       }});
}

void add_admin(const Services& services, Routes& routes, std::string method, std::string pattern,
               UserHandler handler) {
  routes.push_back(
      {std::move(method), std::move(pattern), "admin", [&services, handler](http::Request request) {
         return as_admin(services, handler, std::move(request));
       }});
}

Task<Result<Actor>> who_asks(const Services& services, const http::Request& request) {
  auto cookies = read_session_cookies(request);
  if (!cookies) co_return std::unexpected(cookies.error());
  co_return co_await services.accounts.authenticate(cookies->username, cookies->user_token);
}

Task<bool> is_still_logged_in(const Services& services, Actor actor, SessionCookies cookies) {
  auto now = co_await services.accounts.authenticate(cookies.username, cookies.user_token);
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
  add_admin_routes(services, all);
  return all;
}

}  // namespace berth::api::v1
