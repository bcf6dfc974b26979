#include "api/platform/platform.hpp"

#include "api/denials.hpp"
#include "api/platform/handlers.hpp"
#include "api/session_cookies.hpp"

namespace berth::api::platform {
namespace {

Task<http::Response> as_user(const Services& services, UserHandler handler, http::Request request) {
  auto cookies = read_session_cookies(request);
  if (!cookies) co_return error_response(cookies.error());
  auto actor = co_await services.accounts.authenticate(cookies->username, cookies->user_token);
  if (!actor) co_return error_response(actor.error());
  std::string change = change_of(request);
  auto response = co_await handler(services, *actor, std::move(request));
  co_return co_await noting_denial(services.accounts, *actor, std::move(change),
                                   std::move(response));
}

}  // namespace

http::Route user_route(const Services& services, std::string method, std::string pattern,
                       UserHandler handler) {
  return {std::move(method), std::move(pattern), "user",
          [&services, handler = std::move(handler)](http::Request request) {
            return as_user(services, handler, std::move(request));
          }};
}

http::Response list_answer(const Services& services, std::string_view key, json::AnswerList list) {
  if (services.legacy_lists) return {.body = json::encode_list(list)};
  json::Answer body{{"status", 0}};
  body[key] = std::move(list);
  return answer(body);
}

std::vector<http::Route> routes(const Services& services) {
  std::vector<http::Route> all;
  add_account_routes(services, all);
  add_container_routes(services, all);
  add_device_routes(services, all);
  add_image_routes(services, all);
  return all;
}

}  // namespace berth::api::platform
