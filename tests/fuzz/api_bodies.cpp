// "FACE METHOD TARGET", then a body, to the real faces over a real control layer, a database and an
// engine in memory: p for the platform's port (the contract, /api/v1), m for MATLAB's, a for the
// admin socket. Whatever is asked, there is an answer in the face's own form, never an internal
// error, and what is refused has touched no engine.
#include <boost/json.hpp>
#include <memory>

#include "api/admin/admin_face.hpp"
#include "api/answers.hpp"
#include "api/faces.hpp"
#include "api/matlab/matlab_face.hpp"
#include "api/platform/platform.hpp"
#include "api/v1/v1.hpp"
#include "base/log.hpp"
#include "control/told_store.hpp"
#include "fakes/lab.hpp"
#include "fuzz.hpp"
#include "http/body_stream.hpp"
#include "http/target.hpp"
#include "secrets/password_gate.hpp"

namespace berth::fuzz {
namespace {

using testing::Lab;
using testing::run;

constexpr char kRoot[] = "root";

// All of a server but its sockets; passwords are not hashed for real (sim/weak_secrets.cpp).
class House {
 public:
  House() {
    auto uid = run(lab_.io,
                   accounts_.add(local_admin(), {kRoot, "secret1", "root@lab", ""}, Role::kAdmin));
    auto login = run(lab_.io, accounts_.login(kRoot, "secret1", "127.0.0.1"));
    cookie_ = std::string("username=") + kRoot + "; user_token=" + login.value().token;
    const auto cid = run(lab_.io, lab_.control->containers.create(login->actor, lab_.order()));
    const auto session = run(lab_.io, lab_.control->matlab.create(1, "s"));
    require(uid && cid && session, "something to work with");
    settle();
  }
  ~House() { settle(); }

  http::Response ask(char face, http::Request request) {
    request.headers = {{"host", "localhost"}, {"cookie", cookie_}};
    if (!request.body.empty()) request.headers.emplace_back("content-type", "application/json");
    request.peer = "127.0.0.1";
    request.id = "fuzz";
    const http::Handler& handler = face == 'm'   ? matlab_face_
                                   : face == 'a' ? admin_face_
                                                 : platform_face_;
    auto response = run(lab_.io, handler(std::move(request)));
    if (response.stream) response.stream->close();
    settle();
    return response;
  }

  // Calls that change something; looking is free.
  int engine_changes() const {
    int count = 0;
    for (const char* call : {"create", "start", "stop", "restart", "remove", "commit",
                             "put_archive", "unpause", "tag_image", "remove_image"}) {
      count += lab_.engine->calls(call);
    }
    return count;
  }

 private:
  void settle() {
    lab_.io.restart();
    lab_.io.poll();
  }

  Lab lab_;
  Changes changes_;
  Operations operations_{lab_.clock, changes_};
  secrets::PasswordGate gate_;
  Accounts accounts_{*lab_.store, lab_.clock, gate_, {}};
  History history_{*lab_.store};
  LongWork long_work_{{lab_.control->containers, lab_.control->images, &lab_.control->matlab,
                       operations_, lab_.host, lab_.clock, lab_.timers, lab_.control->background,
                       "127.0.0.1"}};
  api::platform::Services platform_{accounts_, lab_.control->containers, lab_.control->devices,
                                    lab_.control->images};
  api::v1::Services v1_{accounts_,
                        lab_.control->containers,
                        lab_.control->devices,
                        lab_.control->images,
                        operations_,
                        long_work_,
                        history_,
                        lab_.control->sampler,
                        changes_,
                        lab_.control->background,
                        lab_.clock,
                        &lab_.control->matlab};
  api::matlab::Services matlab_{lab_.control->matlab, {}};
  api::admin::Services admin_{accounts_,
                              lab_.control->containers,
                              lab_.control->devices,
                              lab_.control->images,
                              &lab_.control->matlab,
                              {}};
  http::Handler platform_face_ =
      api::platform_face({api::platform::routes(platform_), api::v1::routes(v1_), {}});
  http::Handler matlab_face_ = api::matlab_face(api::matlab::routes(matlab_), {});
  http::Handler admin_face_ = api::admin_face(api::admin::routes(admin_));
  std::string cookie_;
};

// As it is at first, for each input: a refusal that changes something shows as an input whose
// outcome depends on those before it.
House& fresh_house(bool is_used) {
  static std::unique_ptr<House> house;
  if (!house || is_used) house = std::make_unique<House>();
  return *house;
}

void check_answer(const http::Response& response) {
  require(response.status >= 200 && response.status < 600, "a status");
  require(response.status != 500, "no internal error: " + response.body);
  if (response.stream || response.status == 204) return;
  boost::system::error_code error;
  const auto body = boost::json::parse(response.body, error);
  require(!error, "JSON: " + response.body);
  require(response.status < 400 || body.is_object(), "a refusal is an object");
}

void check(std::string_view input) {
  static bool is_used = false;
  std::string_view body = input;
  std::string_view line = take_line(body);
  if (line.size() < 5 || line[1] != ' ') return;
  const char face = line[0];
  line.remove_prefix(2);
  const std::string_view method = line.substr(0, line.find(' '));
  const auto target = http::parse_target(line.substr(std::min(method.size() + 1, line.size())));
  if (!target || (method != "GET" && method != "POST" && method != "PUT" && method != "DELETE"))
    return;

  House& house = fresh_house(is_used);
  const int before = house.engine_changes();
  const auto response = house.ask(face, {.method = std::string(method),
                                         .path = target->path,
                                         .query = target->query,
                                         .body = std::string(body)});
  check_answer(response);
  const bool is_refused = response.status >= 400 && response.status < 500;
  require(!is_refused || house.engine_changes() == before, "what is refused touches no engine");
  // A wrong password counts against whoever guesses.
  const bool is_guess = response.status == 401 || response.status == 429;
  is_used = (method != "GET" && response.status < 400) || is_guess;
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  [[maybe_unused]] static const bool kQuiet = berth::set_log_level("error");
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
