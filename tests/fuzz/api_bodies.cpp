// "FACE METHOD TARGET", then a body, to the real faces over a real control layer, a database and an
// engine in memory: p for the platform's port (the contract, /api/v1), m for MATLAB's, a for the
// admin socket. Whatever is asked, there is an answer in the face's own form, never an internal
// error, and what is refused has touched no engine.
#include <boost/json.hpp>
#include <memory>

#include "base/log.hpp"
#include "fakes/house.hpp"
#include "fuzz.hpp"
#include "http/body_stream.hpp"
#include "http/target.hpp"

namespace berth::fuzz {
namespace {

using testing::run;

constexpr char kRoot[] = "root";

// An admin, a container of theirs and a MATLAB session. Passwords are not hashed for real
// (sim/weak_secrets.cpp).
class Faces {
 public:
  Faces() {
    auto& lab = house_.lab;
    auto uid = run(lab.io, lab.control->accounts.add(
                               local_admin(), {kRoot, "secret1", "root@lab", ""}, Role::kAdmin));
    auto login = run(lab.io, lab.control->accounts.login(kRoot, "secret1", "127.0.0.1"));
    cookie_ = std::string("username=") + kRoot + "; user_token=" + login.value().token;
    const auto cid = run(lab.io, lab.control->containers.create(login->actor, lab.order()));
    const auto session = run(lab.io, lab.control->matlab.create(1, "s"));
    require(uid && cid && session, "something to work with");
    house_.settle();
  }

  http::Response ask(char face, http::Request request) {
    request.headers = {{"host", "localhost"}, {"cookie", cookie_}};
    if (!request.body.empty()) request.headers.emplace_back("content-type", "application/json");
    request.peer = "127.0.0.1";
    request.id = "fuzz";
    const http::Handler& handler = face == 'm'   ? house_.matlab_face
                                   : face == 'a' ? house_.admin_face
                                                 : house_.platform_face;
    auto response = run(house_.lab.io, handler(std::move(request)));
    if (response.stream) response.stream->close();
    house_.settle();
    return response;
  }

  // Calls that change something; looking is free.
  int engine_changes() const {
    int count = 0;
    for (const char* call : {"create", "start", "stop", "restart", "remove", "commit",
                             "put_archive", "unpause", "tag_image", "remove_image"}) {
      count += house_.lab.engine->calls(call);
    }
    return count;
  }

 private:
  testing::House house_;
  std::string cookie_;
};

// As it is at first, for each input: a refusal that changes something shows as an input whose
// outcome depends on those before it.
Faces& fresh_faces(bool is_used) {
  static std::unique_ptr<Faces> faces;
  if (!faces || is_used) faces = std::make_unique<Faces>();
  return *faces;
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

  Faces& faces = fresh_faces(is_used);
  const int before = faces.engine_changes();
  const auto response = faces.ask(face, {.method = std::string(method),
                                         .path = target->path,
                                         .query = target->query,
                                         .body = std::string(body)});
  check_answer(response);
  const bool is_refused = response.status >= 400 && response.status < 500;
  require(!is_refused || faces.engine_changes() == before, "what is refused touches no engine");
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
