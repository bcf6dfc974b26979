#pragma once

#include <string>
#include <vector>

#include "control/accounts.hpp"
#include "control/containers.hpp"
#include "control/devices.hpp"
#include "control/images.hpp"
#include "control/matlab.hpp"
#include "http/router.hpp"

namespace berth::api::admin {

// What the `berth` command talks to over the local socket in the state folder (0600: whoever may
// open it is the admin). Not part of any contract; the command and the server are one binary.
struct ListedRoute {
  std::string face;
  std::string method;
  std::string pattern;
  std::string access;
};

struct Services {
  Accounts& accounts;
  Containers& containers;
  Devices& devices;
  Images& images;
  Matlab* matlab = nullptr;         // null when MATLAB sessions are switched off
  std::vector<ListedRoute> served;  // what every face serves, for the authorization tests
};

// `services` must outlive the routes. Access class: "socket".
std::vector<http::Route> routes(const Services& services);

}  // namespace berth::api::admin
