#pragma once

#include <vector>

#include "control/accounts.hpp"
#include "control/containers.hpp"
#include "control/devices.hpp"
#include "control/images.hpp"
#include "control/remembered.hpp"
#include "http/router.hpp"

namespace berth::api::platform {

// The face on :5000 of docs/platform-api.md: wire names, the error table and nothing else.
struct Services {
  Accounts& accounts;
  Containers& containers;
  Devices& devices;
  Images& images;
  Remembered<std::string>& answers;  // that follow from rows alone
  bool legacy_lists = false;         // bare arrays where existing web pages expect them
  long session_life_s = 7 * 24 * 3600;
};

// `services` must outlive the routes. Access classes: "public", and "user" for whoever is logged
// in.
std::vector<http::Route> routes(const Services& services);

}  // namespace berth::api::platform
