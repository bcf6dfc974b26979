#pragma once

#include "api/admin/admin_face.hpp"
#include "api/faces.hpp"
#include "api/matlab/matlab_face.hpp"
#include "api/platform/platform.hpp"
#include "api/v1/v1.hpp"
#include "fakes/lab.hpp"
#include "secrets/password_gate.hpp"

namespace berth::testing {

// A lab with its faces: all of a server but its sockets. `io` of the lab runs it.
class House {
 public:
  explicit House(LabOptions options = {}) : lab(std::move(options)) {}
  // Nothing goes on any more when the parts go.
  ~House() { settle(); }

  void settle() {
    lab.io.restart();
    lab.io.poll();
  }

  Lab lab;
  Changes changes;
  Operations operations{lab.clock, changes};
  secrets::PasswordGate gate;
  Accounts accounts{*lab.store, lab.clock, gate, {}};
  History history{*lab.store};
  Terminals terminals{lab.control->containers, *lab.store, lab.clock, lab.control->background};
  LongWork long_work{{lab.control->containers, lab.control->images, &lab.control->matlab,
                      operations, lab.host, lab.clock, lab.timers, lab.control->background,
                      "127.0.0.1"}};

 private:
  api::platform::Services platform_{accounts, lab.control->containers, lab.control->devices,
                                    lab.control->images};
  api::v1::Services v1_{accounts,
                        lab.control->containers,
                        lab.control->devices,
                        lab.control->images,
                        operations,
                        long_work,
                        history,
                        lab.control->sampler,
                        terminals,
                        changes,
                        lab.control->background,
                        lab.clock,
                        &lab.control->matlab};
  api::matlab::Services matlab_{lab.control->matlab, {}};
  api::admin::Services admin_{accounts,
                              lab.control->containers,
                              lab.control->devices,
                              lab.control->images,
                              &lab.control->matlab,
                              {}};

 public:
  http::Handler platform_face =
      api::platform_face({api::platform::routes(platform_), api::v1::routes(v1_), {}});
  http::Handler matlab_face = api::matlab_face(api::matlab::routes(matlab_), {});
  http::Handler admin_face = api::admin_face(api::admin::routes(admin_));
};

}  // namespace berth::testing
