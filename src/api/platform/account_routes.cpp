#include "api/platform/handlers.hpp"
#include "api/session_cookies.hpp"

namespace berth::api::platform {
namespace {

http::Response logged_in(const Services& services, const http::Request& request, const Login& login,
                         std::string message) {
  http::Response response = answer({{"status", 0}, {"message", std::move(message)}});
  response.headers =
      session_headers({login.actor.name, login.token}, services.session_life_s, request.tls);
  return response;
}

Task<http::Response> register_account(const Services& services, http::Request request) {
  auto fields = body_fields(request);
  if (!fields) co_return error_response(fields.error());
  NewAccount account{.name = fields->required_string("username"),
                     .password = fields->required_string("password"),
                     .email = fields->required_string("email")};
  account.code = fields->optional_string("code").value_or("");
  if (auto r = fields->finish(); !r) co_return error_response(r.error());
  auto login = co_await services.accounts.register_account(account, request.peer);
  if (!login) co_return error_response(login.error());
  co_return logged_in(services, request, *login,
                      "User " + login->actor.name + " registered successfully");
}

Task<http::Response> log_in(const Services& services, http::Request request) {
  auto fields = body_fields(request);
  if (!fields) co_return error_response(fields.error());
  const std::string name = fields->required_string("username");
  const std::string password = fields->required_string("password");
  if (auto r = fields->finish(); !r) co_return error_response(r.error());
  auto login = co_await services.accounts.login(name, password, request.peer);
  if (!login) co_return error_response(login.error());
  co_return logged_in(services, request, *login, login->actor.name + " logged in successfully");
}

Task<http::Response> log_out(const Services& services, Actor actor, http::Request request) {
  auto cookies = read_session_cookies(request);
  if (!cookies) co_return error_response(cookies.error());
  auto ended = co_await services.accounts.logout(cookies->user_token);
  if (!ended) co_return error_response(ended.error());
  http::Response response =
      answer({{"status", 0}, {"message", actor.name + " logged out successfully"}});
  response.headers = cleared_session_headers(request.tls);
  co_return response;
}

Task<http::Response> verify(const Services&, Actor actor, http::Request) {
  co_return answer({{"status", 0}, {"username", actor.name}});
}

Task<http::Response> token_login(const Services&, Actor actor, http::Request) {
  co_return answer({{"status", 0}, {"message", actor.name + " logged in successfully"}});
}

}  // namespace

void add_account_routes(const Services& services, std::vector<http::Route>& routes) {
  routes.push_back({"POST", "/api/register", "public", [&services](http::Request request) {
                      return register_account(services, std::move(request));
                    }});
  routes.push_back({"POST", "/api/login", "public", [&services](http::Request request) {
                      return log_in(services, std::move(request));
                    }});
  routes.push_back(user_route(services, "POST", "/api/logout", log_out));
  routes.push_back(user_route(services, "POST", "/api/verify", verify));
  routes.push_back(user_route(services, "POST", "/api/token_login", token_login));
}

}  // namespace berth::api::platform
