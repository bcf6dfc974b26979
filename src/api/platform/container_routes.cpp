#include "api/platform/handlers.hpp"
#include "base/limits.hpp"

namespace berth::api::platform {
namespace {

constexpr std::string_view kNoContainer = "no container or not authorized to visit";

std::vector<GpuId> to_gpu_ids(const std::vector<std::int64_t>& numbers) {
  std::vector<GpuId> ids;
  for (std::int64_t number : numbers) ids.push_back(GpuId{number});
  return ids;
}

std::optional<std::vector<std::int64_t>> read_gid(json::Fields& fields) {
  return fields.optional_int_or_list("gid", 1, INT64_MAX, limits::kGpusPerContainer);
}

std::string join_models(const std::vector<std::string>& models) {
  if (models.empty()) return "无GPU";
  std::string joined;
  for (const std::string& model : models) joined += (joined.empty() ? "" : ", ") + model;
  return joined;
}

Task<http::Response> list(const Services& services, Actor actor, http::Request) {
  std::string key = "containers of " + std::to_string(actor.uid.value);
  if (const std::string* known = services.answers.find(key))
    co_return http::Response{.body = *known};
  const auto as_of = services.answers.as_of();
  auto ids = co_await services.containers.list(actor);
  if (!ids) co_return error_response(ids.error());
  http::Response response = answer({{"status", 0}, {"cid", json::numbers(*ids)}});
  services.answers.keep(std::move(key), as_of, response.body);
  co_return response;
}

Task<http::Response> status(const Services& services, Actor actor, http::Request request) {
  auto cid = path_id(request, "cid", kNoContainer);
  if (!cid) co_return error_response(cid.error());
  auto state = co_await services.containers.status(actor, ContainerId{*cid});
  if (!state) co_return error_response(state.error());
  co_return answer({{"status", 0}, {"result", *state == State::kRunning ? "running" : "stopped"}});
}

Task<http::Response> property(const Services& services, Actor actor, http::Request request) {
  auto cid = path_id(request, "cid", kNoContainer);
  if (!cid) co_return error_response(cid.error());
  auto found = co_await services.containers.property(actor, ContainerId{*cid});
  if (!found) co_return error_response(found.error());
  const ContainerRow& row = found->container;
  json::Answer body{{"status", 0},
                    {"name", row.name},
                    {"cpu", row.cpu_cores},
                    {"memory", row.memory_mb},
                    {"portssh", host_port(row, kSshPort)},
                    {"portjupyter", host_port(row, kJupyterPort)},
                    {"porttsb", host_port(row, kTensorboardPort)}};
  if (found->password) body["passwd"] = *found->password;
  body["ip"] = found->device.ip;
  body["cpu_name"] = found->device.cpu_name;
  body["gpu_type"] = join_models(found->gpu_models);
  co_return answer(body);
}

Task<http::Response> create(const Services& services, Actor actor, http::Request request) {
  auto fields = body_fields(request);
  if (!fields) co_return error_response(fields.error());
  NewContainer wanted{
      .image = ImageId{fields->required_int("iid", 1, INT64_MAX)},
      .name = fields->required_string("name"),
      .cpu_cores = static_cast<int>(fields->required_int("cpu", 1, limits::kCpuCores)),
      .memory_mb = fields->required_int("mem", limits::kMemoryMin, limits::kMemoryMax)};
  wanted.gpus = to_gpu_ids(read_gid(*fields).value_or(std::vector<std::int64_t>{}));
  if (auto r = fields->finish(); !r) co_return error_response(r.error());
  auto created = co_await services.containers.create(actor, wanted);
  if (!created) co_return error_response(created.error());
  const ContainerRow& row = created->container;
  co_return answer({{"status", 0},
                    {"cid", row.cid.value},
                    {"passwd", created->password},
                    {"portssh", host_port(row, kSshPort)},
                    {"portjupyter", host_port(row, kJupyterPort)},
                    {"porttsb", host_port(row, kTensorboardPort)}});
}

Result<> check_command(std::string_view command) {
  if (command == "start" || command == "stop") return ok();
  return fail(ErrorCode::kInvalid, "cmd: must be \"start\" or \"stop\"");
}

Task<http::Response> command(const Services& services, Actor actor, http::Request request) {
  auto cid = path_id(request, "cid", kNoContainer);
  if (!cid) co_return error_response(cid.error());
  auto fields = body_fields(request);
  if (!fields) co_return error_response(fields.error());
  const std::string cmd = fields->required_string("cmd", check_command);
  const auto gid = read_gid(*fields);
  if (auto r = fields->finish(); !r) co_return error_response(r.error());
  std::optional<std::vector<GpuId>> gpus;
  if (gid) gpus = to_gpu_ids(*gid);
  // Two statements: g++ 12 destroys a conditional's temporaries twice where there is a co_await.
  Result<> result = ok();
  if (cmd == "start") {
    result = co_await services.containers.start(actor, ContainerId{*cid}, gpus);
  } else {
    result = co_await services.containers.stop(actor, ContainerId{*cid});
  }
  co_return result ? done() : error_response(result.error());
}

Task<http::Response> remove(const Services& services, Actor actor, http::Request request) {
  auto cid = path_id(request, "cid", kNoContainer);
  if (!cid) co_return error_response(cid.error());
  auto removed = co_await services.containers.remove(actor, ContainerId{*cid});
  co_return removed ? done() : error_response(removed.error());
}

}  // namespace

void add_container_routes(const Services& services, std::vector<http::Route>& routes) {
  routes.push_back(user_route(services, "GET", "/containers", list));
  routes.push_back(user_route(services, "GET", "/containers/status/{cid}", status));
  routes.push_back(user_route(services, "GET", "/containers/property/{cid}", property));
  routes.push_back(user_route(services, "POST", "/containers", create));
  routes.push_back(user_route(services, "POST", "/containers/create", create));
  routes.push_back(user_route(services, "PUT", "/containers/{cid}", command));
  routes.push_back(user_route(services, "DELETE", "/containers/{cid}", remove));
}

}  // namespace berth::api::platform
