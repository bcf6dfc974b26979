#include "api/v1/handlers.hpp"
#include "api/v1/wire.hpp"
#include "base/limits.hpp"
#include "base/time_text.hpp"

namespace berth::api::v1 {
namespace {

bool is_loopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1";
}

std::string host_of(const http::Request& request) {
  const std::string_view host = request.header("host");
  const auto colon = host.rfind(':');
  if (colon == std::string_view::npos || host.ends_with(']')) return std::string(host);
  return std::string(host.substr(0, colon));
}

// Where the caller's browser finds it, as far as can be told from here.
boost::json::value url_of(const Services& services, const http::Request& request, int port) {
  std::string host = services.matlab_publish_ip;
  if (is_loopback(host) && !is_loopback(request.peer)) return nullptr;
  if (host.empty() || host == "0.0.0.0" || host == "::" || is_loopback(host))
    host = host_of(request);
  return boost::json::string("http://" + host + ":" + std::to_string(port) + "/");
}

boost::json::value known(const std::optional<bool>& answer) {
  return answer ? boost::json::value(*answer) : boost::json::value();
}

json::Answer session_answer(const Services& services, const http::Request& request,
                            const Matlab::OnBoard& found) {
  const ContainerRow& row = found.container;
  const auto why = reason_of(row.reason);
  const Operation* working = services.operations.working_on_matlab(row.slot);
  const int http_port = host_port(row, kMatlabHttpPort);
  json::Answer body{{"user_id", row.slot},
                    {"container_id", row.name},
                    {"session_id", row.session_id},
                    {"state", to_string(row.state)},
                    {"reason", why ? boost::json::value(*why) : boost::json::value()},
                    {"web", known(found.web)},
                    {"websocket", known(found.websocket)}};
  body["load"] = load_answer(found.usage);
  body["cpu"] = row.cpu_cores;
  body["memory_mb"] = row.memory_mb;
  body["http_port"] = http_port;
  body["ws_port"] = host_port(row, kMatlabWsPort);
  body["url"] = url_of(services, request, http_port);
  body["operation"] = working != nullptr ? boost::json::value(working->oid) : boost::json::value();
  body["created_at"] = format_rfc3339(row.created_at);
  body["started_at"] = time_or_null(row.started_at);
  return body;
}

Task<http::Response> list(const Services& services, Actor, http::Request request) {
  Query query(request);
  const PageAsked asked = read_page(query);
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  std::vector<Matlab::OnBoard> all;
  if (services.matlab != nullptr) {
    auto board = co_await services.matlab->board(services.background, services.changes);
    if (!board) co_return problem(request, board.error());
    all = std::move(*board);
  }
  co_return page_of(
      all, asked, [](const Matlab::OnBoard& found) { return std::int64_t{found.container.slot}; },
      [&](const Matlab::OnBoard& found) { return session_answer(services, request, found); });
}

Task<http::Response> create(const Services& services, Actor actor, http::Request request) {
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  constexpr auto kMost = static_cast<std::int64_t>(limits::kMatlabSlots);
  const int first = static_cast<int>(fields->required_int("first", 1, kMost));
  const int last = static_cast<int>(fields->required_int("last", 1, kMost));
  std::string session_id = fields->optional_string("session_id").value_or("");
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  auto operation = co_await services.long_work.create_matlab(std::move(actor), first, last,
                                                             std::move(session_id));
  co_return begun(request, operation);
}

Task<http::Response> restart(const Services& services, Actor actor, http::Request request) {
  auto user = read_id(request, "user_id", limits::kMatlabSlots);
  if (!user) co_return problem(request, user.error());
  auto operation =
      co_await services.long_work.restart_matlab(std::move(actor), static_cast<int>(*user));
  co_return begun(request, operation);
}

Task<http::Response> remove(const Services& services, Actor actor, http::Request request) {
  auto user = read_id(request, "user_id", limits::kMatlabSlots);
  if (!user) co_return problem(request, user.error());
  auto operation =
      co_await services.long_work.remove_matlab(std::move(actor), static_cast<int>(*user));
  co_return begun(request, operation);
}

}  // namespace

void add_matlab_routes(const Services& services, Routes& routes) {
  add_route(services, routes, Access::kAdmin, "GET", "/api/v1/matlab", list);
  add_route(services, routes, Access::kAdmin, "POST", "/api/v1/matlab", create);
  add_route(services, routes, Access::kAdmin, "POST", "/api/v1/matlab/{user_id}/restart", restart);
  add_route(services, routes, Access::kAdmin, "DELETE", "/api/v1/matlab/{user_id}", remove);
}

}  // namespace berth::api::v1
