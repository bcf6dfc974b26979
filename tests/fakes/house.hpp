#pragma once

#include "api/admin/admin_face.hpp"
#include "api/faces.hpp"
#include "api/matlab/matlab_face.hpp"
#include "api/platform/platform.hpp"
#include "api/v1/v1.hpp"
#include "base/limits.hpp"
#include "control/remembered.hpp"
#include "fakes/lab.hpp"

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

 private:
  Control& control_ = *lab.control;
  Remembered<std::string> answers_{control_.store, control_.clock, limits::kRememberedAnswers};
  api::platform::Services platform_{control_.accounts, control_.containers, control_.devices,
                                    control_.images, answers_};
  api::v1::Services v1_{control_.accounts,    control_.api_tokens, control_.containers,
                        control_.devices,     control_.images,     control_.operations,
                        control_.long_work,   control_.history,    control_.sampler,
                        control_.gpu_sampler, control_.terminals,  control_.changes,
                        control_.background,  control_.clock,      &control_.matlab};
  api::matlab::Services matlab_{control_.matlab, answers_, {}};
  api::admin::Services admin_{control_.accounts, control_.containers, control_.devices,
                              control_.images,   &control_.matlab,    {}};

 public:
  http::Handler platform_face =
      api::platform_face({api::platform::routes(platform_), api::v1::routes(v1_), {}});
  http::Handler matlab_face = api::matlab_face(api::matlab::routes(matlab_), {});
  http::Handler admin_face = api::admin_face(api::admin::routes(admin_));
};

}  // namespace berth::testing
