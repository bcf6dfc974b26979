#include "api/matlab/matlab_face.hpp"

#include <functional>
#include <memory>

#include "api/bearer.hpp"
#include "base/time_text.hpp"
#include "core/figures.hpp"
#include "core/matlab_names.hpp"
#include "core/rules.hpp"
#include "json/decode.hpp"
#include "json/encode.hpp"
#include "secrets/tokens.hpp"

namespace berth::api::matlab {
namespace {

constexpr int kWaitHintS = 5;

http::Response answer(int status, const json::Answer& body) {
  return {.status = status, .body = json::encode(body)};
}

// The cause, for a person. The engine's words where it has any.
std::string cause(const Error& error) {
  return error.details.empty() ? error.message : error.details;
}

http::Response failed(std::string_view what, const Error& error) {
  if (error.code == ErrorCode::kInvalid) return answer(400, {{"error", error.message}});
  const int status = error.code == ErrorCode::kUnavailable ? 503 : 500;
  http::Response response = answer(status, {{"error", what}, {"details", cause(error)}});
  if (status == 503) response.headers.emplace_back("Retry-After", std::to_string(kWaitHintS));
  return response;
}

http::Response bad_id() { return answer(400, {{"error", "Invalid container_id format"}}); }

// Destroy says it under "message", the others under "error".
http::Response not_found(std::string_view key, const std::string& id) {
  json::Answer body;
  body[key] = "Container not found";
  body["container_id"] = id;
  return answer(404, body);
}

std::string_view docker_word(State state) {
  switch (state) {
    case State::kCreating:
      return "created";
    case State::kRunning:
      return "running";
    case State::kPaused:
      return "paused";
    case State::kStopped:
      return "exited";
  }
  return "exited";
}

http::Response service_info() {
  json::Answer endpoints{{"POST /create", "Create a new container (WebSocket auto-starts)"},
                         {"POST /destroy/<container_id>", "Destroy a container"},
                         {"GET /health/<container_id>", "Health check for a container"},
                         {"GET /list", "List all containers"},
                         {"POST /restart/<container_id>", "Restart a container"}};
  return answer(200, {{"service", "MATLAB Container Manager"},
                      {"version", "1.0"},
                      {"architecture", "One container, one MATLAB session"},
                      {"websocket_service", "Auto-started via startup.m"},
                      {"endpoints", std::move(endpoints)}});
}

// The same for everybody, for ever: made once.
Task<http::Response> given(std::shared_ptr<const http::Response> response) { co_return *response; }

struct CreateRequest {
  int user = 0;
  std::string session_id;
};

Result<CreateRequest> read_create(const http::Request& request) {
  auto object = json::parse_object(request.body);
  if (!object) return std::unexpected(object.error());
  json::Fields user_field(*object);
  const auto user = user_field.required_int("user_id", 1, matlab_names::kSlots);
  if (!user_field.finish()) {
    return fail(ErrorCode::kInvalid, "Invalid user_id. Must be between 1 and 100");
  }
  json::Fields rest(*object);
  auto session = rest.optional_string(
      "session_id", [](std::string_view text) { return rules::check_session_id(text); });
  if (auto r = rest.finish(); !r) return std::unexpected(r.error());
  return CreateRequest{static_cast<int>(user), session.value_or("")};
}

Task<http::Response> create(const Services& services, http::Request request) {
  auto wanted = read_create(request);
  if (!wanted) co_return failed("", wanted.error());
  auto session = co_await services.matlab.create(wanted->user, wanted->session_id);
  if (!session) co_return failed("Failed to create container", session.error());
  const bool is_new = session->outcome == MatlabOutcome::kCreated;
  const bool was_running = session->outcome == MatlabOutcome::kAlreadyRunning;
  co_return answer(is_new ? 201 : 200,
                   {{"container_id", session->container.name},
                    {"http_port", host_port(session->container, kMatlabHttpPort)},
                    {"ws_port", host_port(session->container, kMatlabWsPort)},
                    {"status", was_running ? "already_running" : "running"},
                    {"message", is_new        ? "Container created successfully"
                                : was_running ? "Container is already running"
                                              : "Container started successfully"}});
}

// The user's number in the path's container_id, or nothing.
std::optional<int> path_user(const http::Request& request) {
  return matlab_names::parse_container_id(request.param("container_id"));
}

Task<http::Response> destroy(const Services& services, http::Request request) {
  const auto user = path_user(request);
  if (!user) co_return bad_id();
  const std::string id = matlab_names::container_id(*user);
  auto destroyed = co_await services.matlab.destroy(*user);
  if (destroyed)
    co_return answer(200, {{"message", "Container destroyed successfully"}, {"container_id", id}});
  if (destroyed.error().code == ErrorCode::kNotFound) co_return not_found("message", id);
  co_return failed("Failed to destroy container", destroyed.error());
}

Task<http::Response> restart(const Services& services, http::Request request) {
  const auto user = path_user(request);
  if (!user) co_return bad_id();
  const std::string id = matlab_names::container_id(*user);
  auto restarted = co_await services.matlab.restart(*user);
  if (restarted)
    co_return answer(200, {{"message", "Container restarted successfully"}, {"container_id", id}});
  if (restarted.error().code == ErrorCode::kNotFound) co_return not_found("error", id);
  co_return failed("Failed to restart container", restarted.error());
}

json::Answer running_health(const MatlabHealth& health) {
  const Usage usage =
      health.usage.value_or(Usage{.memory_limit_bytes = health.container.memory_mb * 1024 * 1024});
  return {{"container_id", health.container.name},
          {"status", "running"},
          {"started_at", format_rfc3339(health.container.started_at)},
          {"cpu_usage", figures::percent(usage.cpu_percent)},
          {"memory_usage", figures::memory_usage(usage.memory_bytes, usage.memory_limit_bytes)},
          {"memory_percent", figures::memory_percent(usage.memory_bytes, usage.memory_limit_bytes)},
          {"web_service", health.web ? "healthy" : "unhealthy"},
          {"websocket_service", health.websocket ? "healthy" : "unhealthy"},
          {"http_port", host_port(health.container, kMatlabHttpPort)},
          {"ws_port", host_port(health.container, kMatlabWsPort)}};
}

Task<http::Response> health(const Services& services, http::Request request) {
  const auto user = path_user(request);
  if (!user) co_return bad_id();
  const std::string id = matlab_names::container_id(*user);
  auto found = co_await services.matlab.health(*user);
  if (!found && found.error().code == ErrorCode::kNotFound) co_return not_found("error", id);
  if (!found) co_return failed("Failed to check container", found.error());
  if (found->container.state == State::kRunning) co_return answer(200, running_health(*found));
  co_return answer(200, {{"container_id", id},
                         {"status", "stopped"},
                         {"started_at", format_rfc3339(found->container.started_at)}});
}

Task<http::Response> list(const Services& services, http::Request) {
  constexpr std::string_view kKey = "list";
  if (const std::string* known = services.answers.find(kKey))
    co_return http::Response{.body = *known};
  const auto as_of = services.answers.as_of();
  auto rows = co_await services.matlab.list();
  if (!rows) co_return failed("Failed to list containers", rows.error());
  json::AnswerList containers;
  for (const ContainerRow& row : *rows) {
    containers.emplace_back(json::Answer{{"container_id", row.name},
                                         {"user_id", row.slot},
                                         {"status", docker_word(row.state)},
                                         {"created", format_local_time(row.created_at)},
                                         {"http_port", host_port(row, kMatlabHttpPort)},
                                         {"ws_port", host_port(row, kMatlabWsPort)}});
  }
  http::Response response =
      answer(200, {{"total", rows->size()}, {"containers", std::move(containers)}});
  services.answers.keep(std::string(kKey), as_of, response.body);
  co_return response;
}

bool has_key(const Services& services, const http::Request& request) {
  if (services.token_hashes.empty()) return true;
  const auto token = read_bearer(request);
  if (!token || !*token) return false;
  const std::string hash = secrets::hash_token(**token);
  bool found = false;
  for (const std::string& known : services.token_hashes)
    found |= secrets::equal_in_constant_time(known, hash);
  return found;
}

using FaceHandler = Task<http::Response> (*)(const Services&, http::Request);

Task<http::Response> with_key(const Services& services, FaceHandler handler,
                              http::Request request) {
  if (has_key(services, request)) co_return co_await handler(services, std::move(request));
  http::Response response = answer(401, {{"error", "a valid bearer token is required"}});
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  co_return response;
}

http::Route key_route(const Services& services, std::string method, std::string pattern,
                      FaceHandler handler) {
  return {std::move(method), std::move(pattern), "key",
          [&services, handler](http::Request request) {
            return with_key(services, handler, std::move(request));
          }};
}

}  // namespace

std::vector<http::Route> routes(const Services& services) {
  return {{"GET", "/", "public",
           [info = std::make_shared<const http::Response>(service_info())](http::Request) {
             return given(info);
           }},
          key_route(services, "POST", "/create", create),
          key_route(services, "POST", "/destroy/{container_id}", destroy),
          key_route(services, "POST", "/restart/{container_id}", restart),
          key_route(services, "GET", "/health/{container_id}", health),
          key_route(services, "GET", "/list", list)};
}

http::Response refusal(int status, std::string_view reason) {
  return answer(status, {{"error", reason}});
}

}  // namespace berth::api::matlab
