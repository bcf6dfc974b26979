#pragma once

#include <string>
#include <vector>

#include "async/background.hpp"
#include "base/clock.hpp"
#include "control/accounts.hpp"
#include "control/changes.hpp"
#include "control/containers.hpp"
#include "control/devices.hpp"
#include "control/history.hpp"
#include "control/images.hpp"
#include "control/long_work.hpp"
#include "control/matlab.hpp"
#include "control/operations.hpp"
#include "control/sampler.hpp"
#include "control/terminals.hpp"
#include "http/router.hpp"

namespace berth::api::v1 {

struct ShownSetting {
  std::string key;
  std::string value;
  std::string default_value;
};

// The face that the page and scripts use: docs/openapi.json. The same services as the platform's
// contract, on the same listener, with the same cookies.
struct Services {
  Accounts& accounts;
  Containers& containers;
  Devices& devices;
  Images& images;
  Operations& operations;
  LongWork& long_work;
  History& history;
  Sampler& sampler;
  Terminals& terminals;
  Changes& changes;
  Background& background;
  Clock& clock;
  Matlab* matlab = nullptr;  // null: no MATLAB sessions here
  std::string matlab_publish_ip;
  long session_life_s = 7 * 24 * 3600;
  bool is_demo = false;
  std::vector<ShownSetting> settings;
};

// `services` must outlive the routes. Access classes: "public", "user" for whoever is logged in,
// "admin" for those who have that role.
std::vector<http::Route> routes(const Services& services);

}  // namespace berth::api::v1
