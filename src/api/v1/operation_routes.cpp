#include <algorithm>

#include "api/v1/handlers.hpp"
#include "api/v1/wire.hpp"

namespace berth::api::v1 {
namespace {

std::optional<Progress> wanted_state(const std::optional<std::string>& word) {
  if (!word) return std::nullopt;
  if (*word == "running") return Progress::kRunning;
  return *word == "done" ? Progress::kDone : Progress::kFailed;
}

// Newest first, so the next page has smaller numbers.
Task<http::Response> list(const Services& services, Actor actor, http::Request request) {
  Query query(request);
  const auto state = wanted_state(query.word("state", {"running", "done", "failed"}));
  const PageAsked asked = read_page(query);
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  json::AnswerList items;
  boost::json::value next;
  std::int64_t last = 0;
  for (const Operation& operation : services.operations.list(actor)) {
    if (state && operation.state != *state) continue;
    if (asked.after > 0 && operation.number >= asked.after) continue;
    if (items.size() == asked.limit) {
      next = last;
      break;
    }
    items.emplace_back(operation_answer(operation));
    last = operation.number;
  }
  json::Answer body;
  body["items"] = std::move(items);
  body["next"] = next;
  co_return answer(body);
}

Task<http::Response> show(const Services& services, Actor actor, http::Request request) {
  auto operation = services.operations.find(actor, std::string(request.param("oid")));
  if (!operation) co_return problem(request, operation.error());
  co_return answer(operation_answer(*operation));
}

}  // namespace

http::Response begun(const http::Request& request, const Result<Operation>& operation) {
  if (!operation) return problem(request, operation.error());
  http::Response response = answer(operation_answer(*operation), 202);
  response.headers.emplace_back("Location", "/api/v1/operations/" + operation->oid);
  return response;
}

void add_operation_routes(const Services& services, Routes& routes) {
  add_route(services, routes, Access::kRead, "GET", "/api/v1/operations", list);
  add_route(services, routes, Access::kRead, "GET", "/api/v1/operations/{oid}", show);
}

}  // namespace berth::api::v1
