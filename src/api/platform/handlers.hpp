#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/platform/errors.hpp"
#include "api/platform/platform.hpp"
#include "json/decode.hpp"
#include "json/encode.hpp"

namespace berth::api::platform {

// A handler of somebody who is logged in.
using UserHandler = std::function<Task<http::Response>(const Services&, Actor, http::Request)>;

http::Route user_route(const Services& services, std::string method, std::string pattern, UserHandler handler);

void add_account_routes(const Services& services, std::vector<http::Route>& routes);
void add_container_routes(const Services& services, std::vector<http::Route>& routes);
void add_device_routes(const Services& services, std::vector<http::Route>& routes);
void add_image_routes(const Services& services, std::vector<http::Route>& routes);

http::Response answer(const json::Answer& body);
http::Response done();  // {"status":0}

// The id in the path: digits without a leading zero, at least 1. kNotFound with `message` for anything else, as for a
// thing that does not exist.
Result<std::int64_t> path_id(const http::Request& request, std::string_view name, std::string_view message);

// The JSON object of the body; kInvalid when it is none.
Result<json::Fields> body_fields(const http::Request& request);

// {"status":0,key:list}, or the bare list for pages that expect it.
http::Response list_answer(const Services& services, std::string_view key, json::AnswerList list);

}  // namespace berth::api::platform
