#pragma once

#include <string>
#include <vector>

#include "async/background.hpp"
#include "base/clock.hpp"
#include "control/accounts.hpp"
#include "control/api_tokens.hpp"
#include "control/changes.hpp"
#include "control/containers.hpp"
#include "control/devices.hpp"
#include "control/gpu_sampler.hpp"
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

// Whom a visitor of the simulated lab may log in as.
struct DemoAccount {
  std::string username;
  std::string password;
  Role role = Role::kUser;
};

// The face that the page and scripts use: docs/openapi.json. The same services as the platform's
// contract, on the same listener, with the same cookies; scripts may come with a token instead.
struct Services {
  Accounts& accounts;
  ApiTokens& api_tokens;
  Containers& containers;
  Devices& devices;
  Images& images;
  Operations& operations;
  LongWork& long_work;
  History& history;
  Sampler& sampler;
  GpuSampler& gpu_sampler;
  Terminals& terminals;
  Changes& changes;
  Background& background;
  Clock& clock;
  Matlab* matlab = nullptr;  // null: no MATLAB sessions here
  std::string matlab_publish_ip;
  long session_life_s = 7 * 24 * 3600;
  std::vector<DemoAccount> demo_accounts;  // with any, this is `berth demo`
  std::vector<ShownSetting> settings;
};

// `services` must outlive the routes. Asserts that each has an access class of access.hpp.
std::vector<http::Route> routes(const Services& services);

}  // namespace berth::api::v1
