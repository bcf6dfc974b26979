#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "api/session_cookies.hpp"
#include "api/v1/queries.hpp"
#include "api/v1/reasons.hpp"
#include "api/v1/v1.hpp"
#include "json/decode.hpp"

namespace berth::api::v1 {

using Routes = std::vector<http::Route>;
using PublicHandler = Task<http::Response> (*)(const Services&, http::Request);
using UserHandler = Task<http::Response> (*)(const Services&, Actor, http::Request);

// Each puts one route into the table, with who may call it.
void add_public(const Services& services, Routes& routes, std::string method, std::string pattern,
                PublicHandler handler);
void add_user(const Services& services, Routes& routes, std::string method, std::string pattern,
              UserHandler handler);
void add_admin(const Services& services, Routes& routes, std::string method, std::string pattern,
               UserHandler handler);

void add_session_routes(const Services& services, Routes& routes);
void add_device_routes(const Services& services, Routes& routes);
void add_image_routes(const Services& services, Routes& routes);
void add_container_routes(const Services& services, Routes& routes);
void add_terminal_routes(const Services& services, Routes& routes);
void add_operation_routes(const Services& services, Routes& routes);
void add_event_routes(const Services& services, Routes& routes);
void add_matlab_routes(const Services& services, Routes& routes);
void add_admin_routes(const Services& services, Routes& routes);

// Whose cookies these are; kUnauthenticated where there are none that count.
Task<Result<Actor>> who_asks(const Services& services, const http::Request& request);

// Whether whoever asked then is still logged in, with the role that he had.
Task<bool> is_still_logged_in(const Services& services, Actor actor, SessionCookies cookies);

http::Response answer(const json::Answer& body, int status = 200);
http::Response no_content();
// The object of the body. An absent body reads as {} where it may be absent.
Result<json::Fields> read_body(const http::Request& request, bool may_be_absent = false);
// kNotFound for anything that is no id: as for a thing that is not there.
Result<std::int64_t> read_id(const http::Request& request, std::string_view name,
                             std::int64_t max = 0);

// 202 with the operation and where to follow it, or the refusal.
http::Response begun(const http::Request& request, const Result<Operation>& operation);
// Of what happened, newest first.
http::Response history_page(const std::vector<HistoryEntry>& entries, PageAsked asked);

// {"items": [...], "next": ...} of a list that is ascending by id. `id_of` and `show` take one
// entry.
template <class Entries, class IdOf, class Show>
http::Response page_of(const Entries& entries, PageAsked asked, IdOf id_of, Show show) {
  json::AnswerList items;
  json::Answer body;
  boost::json::value next;
  for (const auto& entry : entries) {
    if (id_of(entry) <= asked.after) continue;
    if (items.size() == asked.limit) break;
    items.emplace_back(show(entry));
    next = id_of(entry);
  }
  const bool is_all = entries.empty() || items.empty() || next.as_int64() == id_of(entries.back());
  body["items"] = std::move(items);
  body["next"] = is_all ? boost::json::value() : next;
  return answer(body);
}

}  // namespace berth::api::v1
