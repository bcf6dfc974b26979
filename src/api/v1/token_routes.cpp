#include "api/v1/handlers.hpp"
#include "api/v1/wire.hpp"
#include "base/limits.hpp"
#include "base/time_text.hpp"

namespace berth::api::v1 {
namespace {

json::Answer token_answer(const ApiTokenRow& token) {
  boost::json::array scopes;
  if (token.scopes.read) scopes.emplace_back("read");
  if (token.scopes.write) scopes.emplace_back("write");
  if (token.scopes.admin) scopes.emplace_back("admin");
  json::Answer body{
      {"tid", token.tid.value}, {"name", token.name}, {"prefix", token.prefix}, {"scopes", scopes}};
  body["created_at"] = format_rfc3339(token.created_at);
  body["expires_at"] = format_rfc3339(token.expires_at);
  body["last_used_at"] = time_or_null(token.last_used_at);
  return body;
}

Task<http::Response> list(const Services& services, Actor actor, http::Request request) {
  Query query(request);
  const PageAsked asked = read_page(query);
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  auto tokens = co_await services.api_tokens.list(std::move(actor));
  if (!tokens) co_return problem(request, tokens.error());
  co_return page_of(
      *tokens, asked, [](const ApiTokenRow& token) { return token.tid.value; }, token_answer);
}

Task<http::Response> create(const Services& services, Actor actor, http::Request request) {
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  NewApiToken wanted{.name = fields->required_string("name")};
  const auto scopes = fields->required_words("scopes", {"read", "write", "admin"});
  wanted.scopes = {scopes.contains("read"), scopes.contains("write"), scopes.contains("admin")};
  wanted.days = static_cast<int>(fields->required_int("expires_days", 1, limits::kApiTokenDays));
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  auto made = co_await services.api_tokens.add(std::move(actor), std::move(wanted));
  if (!made) co_return problem(request, made.error());
  co_return answer({{"token", made->token}, {"entry", token_answer(made->row)}}, 201);
}

Task<http::Response> revoke(const Services& services, Actor actor, http::Request request) {
  auto tid = read_id(request, "tid");
  if (!tid) co_return problem(request, tid.error());
  auto revoked = co_await services.api_tokens.revoke(std::move(actor), ApiTokenId{*tid});
  if (!revoked) co_return problem(request, revoked.error());
  co_return no_content();
}

}  // namespace

void add_token_routes(const Services& services, Routes& routes) {
  add_route(services, routes, Access::kRead, "GET", "/api/v1/tokens", list);
  add_route(services, routes, Access::kLogin, "POST", "/api/v1/tokens", create);
  add_route(services, routes, Access::kWrite, "DELETE", "/api/v1/tokens/{tid}", revoke);
}

}  // namespace berth::api::v1
