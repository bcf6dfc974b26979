#include "engine/docker/docker_engine.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/limits.hpp"
#include "engine/arguments.hpp"
#include "engine/docker/address.hpp"
#include "engine/docker/log_frames.hpp"
#include "engine/docker/spec.hpp"
#include "engine/docker/target.hpp"

namespace berth::docker {
namespace {

using http::ClientRequest;
using http::ClientResponse;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kStopMargin =
    seconds(30);  // beyond the grace: the kill, and the network's taking down
constexpr auto kRemovePoll = milliseconds(100);
constexpr auto kJson = "application/json";

// Each request has a name before it is awaited: see ClientRequest.
ClientRequest request(std::string method, const Target& target, milliseconds deadline,
                      bool repeatable) {
  return {.method = std::move(method),
          .target = target.text(),
          .deadline = deadline,
          .repeatable = repeatable};
}

ClientRequest read(const Target& target) {
  return request("GET", target, limits::kEngineRead, true);
}

Target container_target(const std::string& container) {
  return Target("/containers").part(container);
}

// JSON of {"label": [label]} for the filters parameter, without a JSON library in this file.
Result<std::string> label_filter(const std::string& label) {
  if (auto checked = check_label(label); !checked) return std::unexpected(checked.error());
  return "{\"label\":[\"" + label + "\"]}";
}

Result<> expect(const Result<ClientResponse>& response, std::initializer_list<int> expected,
                std::string_view action, Subject subject) {
  if (!response) return std::unexpected(response.error());
  if (std::find(expected.begin(), expected.end(), response->status) != expected.end()) return ok();
  return std::unexpected(refusal(*response, action, subject));
}

// The typed body of an answer that must have this status.
template <class Parse>
auto read_body(const Result<ClientResponse>& response, int expected, std::string_view action,
               Subject subject, Parse parse) -> decltype(parse(std::string_view{})) {
  auto checked = expect(response, {expected}, action, subject);
  if (!checked) return std::unexpected(checked.error());
  return parse(response->body);
}

http::Client make_client(boost::asio::io_context& io, Result<http::Address> address) {
  auto options = client_options(address);
  return http::Client(io, std::move(address), std::move(options));
}

}  // namespace

DockerEngine::DockerEngine(boost::asio::io_context& io, const std::string& endpoint,
                           EngineOptions options)
    : client_(make_client(io, to_address(endpoint, options.certificates))),
      starts_(options.starts_at_once) {}

Task<DockerEngine::Response> DockerEngine::send(ClientRequest request) {
  auto response = co_await client_.send(std::move(request));
  if (!response && response.error().code == ErrorCode::kInternal)
    response.error().code = ErrorCode::kUnknown;
  co_return response;
}

Task<DockerEngine::Response> DockerEngine::call(ClientRequest request) {
  if (!api_) {
    auto agreed = co_await agree_on_version();
    if (!agreed) {
      // Nothing of the call itself was sent.
      if (agreed.error().code == ErrorCode::kUnknown) agreed.error().code = ErrorCode::kUnavailable;
      co_return std::unexpected(agreed.error());
    }
  }
  request.target = "/v" + to_string(*api_) + request.target;
  co_return co_await send(std::move(request));
}

Task<Result<VersionSeen>> DockerEngine::agree_on_version() {
  auto wanted = read(Target("/version"));
  auto response = co_await send(std::move(wanted));
  auto seen = read_body(response, 200, "tell its version", Subject::kNone, parse_version);
  if (!seen) co_return seen;
  auto chosen = choose_api(seen->newest, seen->oldest);
  if (!chosen) co_return std::unexpected(chosen.error());
  api_ = *chosen;
  co_return seen;
}

// Always asks anew for the version too: the engine may have been replaced by another one since.
Task<Result<EngineInfo>> DockerEngine::info() {
  auto version = co_await agree_on_version();
  if (!version) co_return std::unexpected(version.error());
  auto wanted = read(Target("/info"));
  auto response = co_await call(std::move(wanted));
  auto info = read_body(response, 200, "describe itself", Subject::kNone, parse_info);
  if (!info) co_return info;
  info->api_version = to_string(*api_);
  info->runc_version = version->runc;
  co_return info;
}

Task<Result<std::string>> DockerEngine::create(ContainerSpec spec) {
  auto body = create_body(spec);
  if (!body) co_return std::unexpected(body.error());
  auto target = Target("/containers/create").query("name", spec.name);
  auto wanted = request("POST", target, limits::kEngineCreate, false);
  wanted.content_type = kJson;
  wanted.body = std::move(*body);
  auto response = co_await call(std::move(wanted));
  co_return read_body(response, 201, "create the container", Subject::kImage, parse_created);
}

Task<Result<>> DockerEngine::put_archive(std::string container, std::string path, std::string tar) {
  if (auto checked = check_container(container); !checked) co_return checked;
  auto target = container_target(container).path("/archive").query("path", path);
  auto wanted = request("PUT", target, limits::kEngineCreate, true);
  wanted.content_type = "application/x-tar";
  wanted.body = std::move(tar);
  auto response = co_await call(std::move(wanted));
  co_return expect(response, {200}, "take the files", Subject::kContainer);
}

Task<Result<>> DockerEngine::turn_and_call(ClientRequest wanted, std::string action) {
  auto turn = co_await starts_.acquire(limits::kEngineQueue);
  if (!turn) co_return std::unexpected(turn.error());
  auto response = co_await call(std::move(wanted));
  co_return expect(response, {204, 304}, action, Subject::kContainer);
}

Task<Result<>> DockerEngine::start(std::string container) {
  if (auto checked = check_container(container); !checked) co_return checked;
  auto target = container_target(container).path("/start");
  auto wanted = request("POST", target, limits::kEngineStart, true);
  co_return co_await turn_and_call(std::move(wanted), "start the container");
}

Task<Result<>> DockerEngine::restart(std::string container, seconds grace) {
  if (auto checked = check_container(container); !checked) co_return checked;
  auto target =
      container_target(container).path("/restart").query("t", std::to_string(grace.count()));
  auto wanted = request("POST", target, grace + limits::kEngineStart, true);
  co_return co_await turn_and_call(std::move(wanted), "restart the container");
}

Task<Result<>> DockerEngine::stop(std::string container, seconds grace) {
  if (auto checked = check_container(container); !checked) co_return checked;
  auto target = container_target(container).path("/stop").query("t", std::to_string(grace.count()));
  auto wanted = request("POST", target, grace + kStopMargin, true);
  auto response = co_await call(std::move(wanted));
  co_return expect(response, {204, 304}, "stop the container", Subject::kContainer);
}

// The engine refuses for one that is not paused, with 500 or 409 as its age is: whether it runs is
// what counts.
Task<Result<>> DockerEngine::unpause(std::string container) {
  if (auto checked = check_container(container); !checked) co_return checked;
  auto target = container_target(container).path("/unpause");
  auto wanted = request("POST", target, limits::kEngineRead, true);
  auto response = co_await call(std::move(wanted));
  auto done = expect(response, {204}, "let the container go on", Subject::kContainer);
  if (done || !response) co_return done;
  auto seen = co_await inspect(container);
  if (seen && seen->state == EngineState::kRunning) co_return ok();
  co_return done;
}

// 409 is a removal that is under way: it is asked for again until it is done, or fails for a
// reason.
Task<Result<Removed>> DockerEngine::remove(std::string container) {
  if (auto checked = check_container(container); !checked)
    co_return std::unexpected(checked.error());
  const auto until = std::chrono::steady_clock::now() + limits::kEngineStart;
  auto target = container_target(container).query("force", "true").query("v", "true");
  boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor);
  for (;;) {
    auto wanted = request("DELETE", target, limits::kEngineStart, true);
    auto response = co_await call(std::move(wanted));
    auto removed = expect(response, {204}, "remove the container", Subject::kContainer);
    if (removed) co_return Removed{.was_there = true};
    if (removed.error().code == ErrorCode::kNotFound) co_return Removed{};
    if (removed.error().code != ErrorCode::kConflict || std::chrono::steady_clock::now() >= until)
      co_return std::unexpected(removed.error());
    pause.expires_after(kRemovePoll);
    co_await pause.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
}

Task<Result<ContainerSeen>> DockerEngine::inspect(std::string container) {
  if (auto checked = check_container(container); !checked)
    co_return std::unexpected(checked.error());
  auto target = container_target(container).path("/json");
  auto wanted = read(target);
  auto response = co_await call(std::move(wanted));
  co_return read_body(response, 200, "show the container", Subject::kContainer, parse_inspect);
}

Task<Result<std::vector<ListedContainer>>> DockerEngine::list(std::string label) {
  auto filter = label_filter(label);
  if (!filter) co_return std::unexpected(filter.error());
  auto target = Target("/containers/json").query("all", "true").query("filters", *filter);
  auto wanted = read(target);
  auto response = co_await call(std::move(wanted));
  co_return read_body(response, 200, "list its containers", Subject::kNone, parse_list);
}

Task<Result<EngineStats>> DockerEngine::stats(std::string container) {
  if (auto checked = check_container(container); !checked)
    co_return std::unexpected(checked.error());
  auto target =
      container_target(container).path("/stats").query("stream", "false").query("one-shot", "true");
  auto wanted = read(target);
  auto response = co_await call(std::move(wanted));
  auto counted =
      read_body(response, 200, "count the container's use", Subject::kContainer, parse_stats);
  if (!counted) co_return std::unexpected(counted.error());
  if (!*counted) co_return fail(ErrorCode::kConflict, "the container does not run");
  co_return **counted;
}

Task<Result<std::vector<EngineLogLine>>> DockerEngine::logs(std::string container,
                                                            std::size_t tail) {
  if (auto checked = check_container(container); !checked)
    co_return std::unexpected(checked.error());
  auto target =
      container_target(container).path("/logs").query("stdout", "true").query("stderr", "true");
  target.query("timestamps", "true").query("tail", std::to_string(tail));
  auto wanted = read(target);
  auto response = co_await call(std::move(wanted));
  co_return read_body(response, 200, "show the container's log", Subject::kContainer, parse_logs);
}

Task<Result<EngineChanges>> DockerEngine::changes(std::string container) {
  if (auto checked = check_container(container); !checked)
    co_return std::unexpected(checked.error());
  auto target = container_target(container).path("/changes");
  auto wanted = read(target);
  auto response = co_await call(std::move(wanted));
  auto changes = read_body(response, 200, "compare the container with its image",
                           Subject::kContainer, parse_changes);
  if (!changes) co_return changes;
  auto size_target = container_target(container).path("/json").query("size", "true");
  auto size_wanted = read(size_target);
  auto size_response = co_await call(std::move(size_wanted));
  auto size = read_body(size_response, 200, "measure the container", Subject::kContainer,
                        parse_written_bytes);
  if (size) changes->size_bytes = *size;
  co_return changes;
}

// The body is for Podman, which refuses to commit without one.
Task<Result<std::string>> DockerEngine::commit(std::string container, std::string tag,
                                               std::vector<std::string> changes) {
  if (auto checked = check_container(container); !checked)
    co_return std::unexpected(checked.error());
  auto name = split_tag(tag);
  if (!name) co_return std::unexpected(name.error());
  auto target = Target("/commit")
                    .query("container", container)
                    .query("repo", name->repository)
                    .query("tag", name->tag);
  target.query("pause", "true");
  for (const auto& change : changes) {
    if (auto checked = check_change(change); !checked) co_return std::unexpected(checked.error());
    target.query("changes", change);
  }
  auto wanted = request("POST", target, limits::kEngineCommit, false);
  wanted.content_type = kJson;
  wanted.body = "{}";
  auto response = co_await call(std::move(wanted));
  co_return read_body(response, 201, "save the container as an image", Subject::kContainer,
                      parse_committed);
}

Task<Result<ImageSeen>> DockerEngine::inspect_image(std::string image) {
  if (auto checked = check_image(image); !checked) co_return std::unexpected(checked.error());
  auto target = Target("/images").part(image).path("/json");
  auto wanted = read(target);
  auto response = co_await call(std::move(wanted));
  co_return read_body(response, 200, "show the image", Subject::kImage, parse_image);
}

Task<Result<>> DockerEngine::tag_image(std::string image, std::string tag) {
  if (auto checked = check_image(image); !checked) co_return checked;
  auto name = split_tag(tag);
  if (!name) co_return std::unexpected(name.error());
  auto target = Target("/images")
                    .part(image)
                    .path("/tag")
                    .query("repo", name->repository)
                    .query("tag", name->tag);
  auto wanted = request("POST", target, limits::kEngineRead, true);
  auto response = co_await call(std::move(wanted));
  co_return expect(response, {201}, "tag the image", Subject::kImage);
}

Task<Result<>> DockerEngine::remove_image(std::string image) {
  if (auto checked = check_image(image); !checked) co_return checked;
  auto target = Target("/images").part(image);
  auto wanted = request("DELETE", target, limits::kEngineStart, true);
  auto response = co_await call(std::move(wanted));
  auto removed = expect(response, {200}, "remove the image", Subject::kImage);
  if (!removed && removed.error().code == ErrorCode::kNotFound) co_return ok();
  co_return removed;
}

Task<Result<std::vector<std::string>>> DockerEngine::list_images(std::string label) {
  auto filter = label_filter(label);
  if (!filter) co_return std::unexpected(filter.error());
  auto target = Target("/images/json").query("filters", *filter);
  auto wanted = read(target);
  auto response = co_await call(std::move(wanted));
  co_return read_body(response, 200, "list its images", Subject::kNone, parse_tags);
}

// A line that cannot be understood ends it: what was missed is found by asking about every
// container again.
Task<Result<>> DockerEngine::follow_events(std::function<void()> on_open,
                                           std::function<void(EngineEvent)> on_event) {
  if (!api_) {
    auto agreed = co_await agree_on_version();
    if (!agreed) co_return std::unexpected(agreed.error());
  }
  auto target =
      Target("/v" + to_string(*api_) + "/events").query("filters", R"({"type":["container"]})");
  auto wanted = read(target);
  std::function<bool(std::string_view)> on_line = [&on_event](std::string_view line) {
    auto event = parse_event(line);
    if (event) on_event(std::move(*event));
    return event.has_value();
  };
  auto ended =
      co_await client_.stream_lines(std::move(wanted), std::move(on_open), std::move(on_line));
  if (!ended && ended.error().code == ErrorCode::kInternal)
    ended.error().code = ErrorCode::kUnknown;
  if (!ended && ended.error().code == ErrorCode::kRefused)
    ended.error().details = parse_message(ended.error().details);
  co_return ended;
}

}  // namespace berth::docker
