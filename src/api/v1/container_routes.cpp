#include "api/v1/handlers.hpp"
#include "api/v1/wire.hpp"
#include "base/limits.hpp"
#include "base/time_text.hpp"

namespace berth::api::v1 {
namespace {

constexpr std::int64_t kLogLines = 5'000;
constexpr std::int64_t kUsualLogLines = 500;
constexpr std::size_t kLogLineBytes = 4 * 1024;
constexpr std::size_t kChangedFiles = 2'000;

std::vector<GpuId> to_gpu_ids(const std::vector<std::int64_t>& numbers) {
  std::vector<GpuId> ids;
  for (std::int64_t number : numbers) ids.push_back(GpuId{number});
  return ids;
}

std::optional<std::vector<std::int64_t>> read_gpus(json::Fields& fields) {
  return fields.optional_int_list("gpus", 1, limits::kLargestId, limits::kGpusPerContainer);
}

Task<http::Response> list(const Services& services, Actor actor, http::Request request) {
  Query query(request);
  const PageAsked asked = read_page(query);
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  auto containers = co_await services.containers.overview(actor);
  if (!containers) co_return problem(request, containers.error());
  co_return page_of(
      *containers, asked, [](const ContainerProperty& found) { return found.container.cid.value; },
      [&](const ContainerProperty& found) { return container_answer(services, actor, found); });
}

Task<http::Response> show(const Services& services, Actor actor, http::Request request) {
  auto cid = read_id(request, "cid");
  if (!cid) co_return problem(request, cid.error());
  auto found = co_await services.containers.look(actor, ContainerId{*cid});
  if (!found) co_return problem(request, found.error());
  co_return answer(container_answer(services, actor, *found));
}

Task<http::Response> show_password(const Services& services, Actor actor, http::Request request) {
  auto cid = read_id(request, "cid");
  if (!cid) co_return problem(request, cid.error());
  auto password = co_await services.containers.password(std::move(actor), ContainerId{*cid});
  if (!password) co_return problem(request, password.error());
  co_return answer({{"password", *password}});
}

// A refusal for want of room says what would have fitted.
Task<http::Response> refuse_with_room(const Services& services, Actor actor, http::Request request,
                                      Error error, DeviceId did) {
  json::Answer body = problem_body(error);
  body["request_id"] = request.id;
  if (did && error.code == ErrorCode::kExhausted && reason_for(error).code != "limit_reached") {
    auto room = co_await services.devices.room(std::move(actor), did);
    if (room) body["fits"] = room_answer(*room);
  }
  co_return problem_response(reason_for(error).status, std::move(body));
}

Task<http::Response> create(const Services& services, Actor actor, http::Request request) {
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  NewContainer wanted{
      .image = ImageId{fields->required_int("iid", 1, limits::kLargestId)},
      .name = fields->required_string("name"),
      .cpu_cores = static_cast<int>(fields->required_int("cpu", 1, limits::kCpuCores)),
      .memory_mb = fields->required_int("memory_mb", limits::kMemoryMin, limits::kMemoryMax)};
  wanted.gpus = to_gpu_ids(read_gpus(*fields).value_or(std::vector<std::int64_t>{}));
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  auto operation = co_await services.long_work.create(actor, wanted);
  if (operation) co_return begun(request, operation);
  auto image = co_await services.images.look(actor, wanted.image);
  const DeviceId did = image ? image->image.did : DeviceId{};
  co_return co_await refuse_with_room(services, std::move(actor), std::move(request),
                                      operation.error(), did);
}

Task<http::Response> start(const Services& services, Actor actor, http::Request request) {
  auto cid = read_id(request, "cid");
  if (!cid) co_return problem(request, cid.error());
  auto fields = read_body(request, true);
  if (!fields) co_return problem(request, fields.error());
  const auto numbers = read_gpus(*fields);
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  std::optional<std::vector<GpuId>> gpus;
  if (numbers) gpus = to_gpu_ids(*numbers);
  auto operation = co_await services.long_work.start(actor, ContainerId{*cid}, std::move(gpus));
  if (operation) co_return begun(request, operation);
  auto found = co_await services.containers.look(actor, ContainerId{*cid});
  const DeviceId did = found ? found->container.did : DeviceId{};
  co_return co_await refuse_with_room(services, std::move(actor), std::move(request),
                                      operation.error(), did);
}

// The three that need nothing but the container.
using Begin = Task<Result<Operation>> (LongWork::*)(Actor, ContainerId);

template <Begin kBegin>
Task<http::Response> begin(const Services& services, Actor actor, http::Request request) {
  auto cid = read_id(request, "cid");
  if (!cid) co_return problem(request, cid.error());
  auto fields = read_body(request, true);
  if (!fields) co_return problem(request, fields.error());
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  auto operation = co_await (services.long_work.*kBegin)(std::move(actor), ContainerId{*cid});
  co_return begun(request, operation);
}

Task<http::Response> save_image(const Services& services, Actor actor, http::Request request) {
  auto cid = read_id(request, "cid");
  if (!cid) co_return problem(request, cid.error());
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  std::string name = fields->required_string("name");
  const bool is_public = fields->optional_bool("public").value_or(false);
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  auto operation = co_await services.long_work.save_image(std::move(actor), ContainerId{*cid},
                                                          std::move(name), is_public);
  co_return begun(request, operation);
}

Task<http::Response> show_usage(const Services& services, Actor actor, http::Request request) {
  auto cid = read_id(request, "cid");
  if (!cid) co_return problem(request, cid.error());
  Query query(request);
  const auto since = query.time("since").value_or(WallTime{});
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  auto found = co_await services.containers.look(std::move(actor), ContainerId{*cid});
  if (!found) co_return problem(request, found.error());
  co_return answer(usage_answer(services, *found, since));
}

boost::json::value known_time(const std::string& text) {
  const auto at = parse_rfc3339(text);
  return at ? boost::json::value(format_rfc3339(*at)) : boost::json::value();
}

// One line more than is wanted tells whether there are older ones.
Task<http::Response> show_logs(const Services& services, Actor actor, http::Request request) {
  auto cid = read_id(request, "cid");
  if (!cid) co_return problem(request, cid.error());
  Query query(request);
  const auto tail =
      static_cast<std::size_t>(query.number("tail", 1, kLogLines).value_or(kUsualLogLines));
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  auto lines = co_await services.containers.logs(std::move(actor), ContainerId{*cid}, tail + 1);
  if (!lines) co_return problem(request, lines.error());
  const bool is_truncated = lines->size() > tail;
  if (is_truncated) lines->erase(lines->begin(), lines->end() - static_cast<std::ptrdiff_t>(tail));
  json::AnswerList items;
  for (EngineLogLine& line : *lines) {
    if (line.text.size() > kLogLineBytes) line.text.resize(kLogLineBytes);
    items.emplace_back(json::Answer{{"at", known_time(line.at)},
                                    {"stream", line.is_error ? "stderr" : "stdout"},
                                    {"text", line.text}});
  }
  json::Answer body;
  body["items"] = std::move(items);
  body["truncated"] = is_truncated;
  co_return answer(body);
}

std::string_view change_word(FileChange change) {
  switch (change) {
    case FileChange::kAdded:
      return "added";
    case FileChange::kChanged:
      return "changed";
    case FileChange::kDeleted:
      return "deleted";
  }
  return "changed";
}

Task<http::Response> show_changes(const Services& services, Actor actor, http::Request request) {
  auto cid = read_id(request, "cid");
  if (!cid) co_return problem(request, cid.error());
  auto changes = co_await services.containers.changes(std::move(actor), ContainerId{*cid});
  if (!changes) co_return problem(request, changes.error());
  json::AnswerList items;
  for (const auto& [path, change] : changes->files) {
    if (items.size() == kChangedFiles) break;
    items.emplace_back(json::Answer{{"path", path}, {"kind", change_word(change)}});
  }
  json::Answer body{{"size_bytes", nullptr}};
  if (changes->size_bytes) body["size_bytes"] = *changes->size_bytes;
  body["truncated"] = items.size() < changes->files.size();
  body["items"] = std::move(items);
  co_return answer(body);
}

Task<http::Response> list_events(const Services& services, Actor actor, http::Request request) {
  auto cid = read_id(request, "cid");
  if (!cid) co_return problem(request, cid.error());
  Query query(request);
  const PageAsked asked = read_page(query);
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  auto entries = co_await services.history.of_container(std::move(actor), ContainerId{*cid},
                                                        asked.after, asked.limit);
  if (!entries) co_return problem(request, entries.error());
  co_return history_page(*entries, asked);
}

}  // namespace

http::Response history_page(const std::vector<HistoryEntry>& entries, PageAsked asked) {
  json::AnswerList items;
  for (const HistoryEntry& found : entries) items.emplace_back(history_answer(found));
  json::Answer body;
  body["items"] = std::move(items);
  // One page too many, with nothing in it, where the last one was exactly full.
  const bool may_be_more = entries.size() == asked.limit;
  body["next"] = may_be_more ? boost::json::value(entries.back().entry.id) : boost::json::value();
  return answer(body);
}

void add_container_routes(const Services& services, Routes& routes) {
  add_route(services, routes, Access::kRead, "GET", "/api/v1/containers", list);
  add_route(services, routes, Access::kWrite, "POST", "/api/v1/containers", create);
  add_route(services, routes, Access::kRead, "GET", "/api/v1/containers/{cid}", show);
  add_route(services, routes, Access::kWrite, "DELETE", "/api/v1/containers/{cid}",
            begin<&LongWork::remove>);
  add_route(services, routes, Access::kWrite, "POST", "/api/v1/containers/{cid}/start", start);
  add_route(services, routes, Access::kWrite, "POST", "/api/v1/containers/{cid}/stop",
            begin<&LongWork::stop>);
  add_route(services, routes, Access::kWrite, "POST", "/api/v1/containers/{cid}/restart",
            begin<&LongWork::restart>);
  add_route(services, routes, Access::kWrite, "POST", "/api/v1/containers/{cid}/image", save_image);
  add_route(services, routes, Access::kRead, "GET", "/api/v1/containers/{cid}/password",
            show_password);
  add_route(services, routes, Access::kRead, "GET", "/api/v1/containers/{cid}/usage", show_usage);
  add_route(services, routes, Access::kRead, "GET", "/api/v1/containers/{cid}/logs", show_logs);
  add_route(services, routes, Access::kRead, "GET", "/api/v1/containers/{cid}/changes",
            show_changes);
  add_route(services, routes, Access::kRead, "GET", "/api/v1/containers/{cid}/events", list_events);
}

}  // namespace berth::api::v1
