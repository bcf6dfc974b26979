#include "api/bearer.hpp"
#include "api/session_cookies.hpp"
#include "api/v1/handlers.hpp"
#include "base/time_text.hpp"

namespace berth::api::v1 {
namespace {

std::string_view role_word(Role role) { return role == Role::kAdmin ? "admin" : "user"; }

json::Answer server_answer(const Services& services) {
  const AccountRules& rules = services.accounts.rules();
  json::AnswerList demo_accounts;
  for (const DemoAccount& account : services.demo_accounts) {
    demo_accounts.emplace_back(json::Answer{{"username", account.username},
                                            {"password", account.password},
                                            {"role", role_word(account.role)}});
  }
  const bool is_demo = !services.demo_accounts.empty();
  json::Answer server{{"version", BERTH_VERSION},
                      {"demo", is_demo},
                      {"registration", rules.registration_open ? "open" : "closed"},
                      {"password_min", rules.password_min},
                      {"matlab", services.matlab != nullptr},
                      {"time", format_rfc3339(services.clock.now())}};
  if (is_demo) server["demo_accounts"] = std::move(demo_accounts);
  return server;
}

json::Answer user_answer(const UserRow& user) {
  return {{"uid", user.uid.value},
          {"name", user.name},
          {"email", user.email},
          {"role", role_word(user.role)},
          {"created_at", format_rfc3339(user.created_at)}};
}

Task<http::Response> show(const Services& services, http::Request request) {
  json::Answer body{{"user", nullptr}, {"server", server_answer(services)}};
  auto caller = co_await who_asks(services, request);
  // Cookies that do not count are as none; a script wants to know that its token does not.
  const bool is_nobody = !caller && caller.error().code == ErrorCode::kUnauthenticated;
  if (!caller && (!is_nobody || has_bearer(request))) co_return refused(request, caller.error());
  if (caller) {
    auto user = co_await services.accounts.me(caller->actor);
    if (!user) co_return problem(request, user.error());
    body["user"] = user_answer(*user);
  }
  co_return answer(body);
}

Task<http::Response> logged_in(const Services& services, http::Request request, Login login,
                               int status) {
  auto user = co_await services.accounts.me(login.actor);
  if (!user) co_return problem(request, user.error());
  json::Answer body{{"user", user_answer(*user)}, {"server", server_answer(services)}};
  http::Response response = answer(body, status);
  response.headers =
      session_headers({login.actor.name, login.token}, services.session_life_s, request.tls);
  co_return response;
}

Task<http::Response> log_in(const Services& services, http::Request request) {
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  const std::string name = fields->required_string("username");
  const std::string password = fields->required_string("password");
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  auto login = co_await services.accounts.login(name, password, request.peer);
  if (!login) co_return problem(request, login.error());
  co_return co_await logged_in(services, std::move(request), std::move(*login), 200);
}

Task<http::Response> register_account(const Services& services, http::Request request) {
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  NewAccount account{.name = fields->required_string("username"),
                     .password = fields->required_string("password"),
                     .email = fields->required_string("email")};
  account.code = fields->optional_string("code").value_or("");
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  auto login = co_await services.accounts.register_account(std::move(account), request.peer);
  if (!login) {
    // In the platform's contract this field has another name.
    if (login.error().message.starts_with("name: "))
      login.error().message.replace(0, 4, "username");
    co_return problem(request, login.error());
  }
  co_return co_await logged_in(services, std::move(request), std::move(*login), 201);
}

http::Response logged_out(const http::Request& request) {
  http::Response response = no_content();
  for (auto& header : cleared_session_headers(request.tls))
    response.headers.push_back(std::move(header));
  return response;
}

Task<http::Response> log_out(const Services& services, Actor, http::Request request) {
  auto cookies = read_session_cookies(request);
  if (!cookies) co_return problem(request, cookies.error());
  auto ended = co_await services.accounts.logout(cookies->user_token);
  if (!ended) co_return problem(request, ended.error());
  co_return logged_out(request);
}

Task<http::Response> log_out_everywhere(const Services& services, Actor actor,
                                        http::Request request) {
  auto ended = co_await services.accounts.logout_everywhere(std::move(actor));
  if (!ended) co_return problem(request, ended.error());
  co_return logged_out(request);
}

Task<http::Response> change_password(const Services& services, Actor actor, http::Request request) {
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  std::string current = fields->required_string("current");
  std::string wanted = fields->required_string("new");
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  auto cookies = read_session_cookies(request);
  if (!cookies) co_return problem(request, cookies.error());
  auto changed = co_await services.accounts.change_password(
      std::move(actor), std::move(current), std::move(wanted), cookies->user_token, request.peer);
  if (!changed) {
    if (changed.error().message.starts_with("password: "))
      changed.error().message.replace(0, 8, "new");
    co_return problem(request, changed.error());
  }
  co_return no_content();
}

}  // namespace

void add_session_routes(const Services& services, Routes& routes) {
  add_public(services, routes, "GET", "/api/v1/session", show);
  add_public(services, routes, "POST", "/api/v1/session", log_in);
  add_public(services, routes, "POST", "/api/v1/register", register_account);
  add_route(services, routes, Access::kLogin, "DELETE", "/api/v1/session", log_out);
  add_route(services, routes, Access::kLogin, "DELETE", "/api/v1/sessions", log_out_everywhere);
  add_route(services, routes, Access::kLogin, "PUT", "/api/v1/password", change_password);
}

}  // namespace berth::api::v1
