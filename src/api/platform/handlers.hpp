#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/answers.hpp"
#include "api/platform/platform.hpp"

namespace berth::api::platform {

// A handler of somebody who is logged in.
using UserHandler = std::function<Task<http::Response>(const Services&, Actor, http::Request)>;

http::Route user_route(const Services& services, std::string method, std::string pattern,
                       UserHandler handler);

void add_account_routes(const Services& services, std::vector<http::Route>& routes);
void add_container_routes(const Services& services, std::vector<http::Route>& routes);
void add_device_routes(const Services& services, std::vector<http::Route>& routes);
void add_image_routes(const Services& services, std::vector<http::Route>& routes);

// {"status":0,key:list}, or the bare list for pages that expect it.
http::Response list_answer(const Services& services, std::string_view key, json::AnswerList list);

}  // namespace berth::api::platform
