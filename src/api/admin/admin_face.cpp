#include "api/admin/admin_face.hpp"

#include "api/answers.hpp"
#include "base/time_text.hpp"

namespace berth::api::admin {
namespace {

using AdminHandler = Task<http::Response> (*)(const Services&, http::Request);

Result<> check_role(std::string_view role) {
  if (role == "user" || role == "admin") return ok();
  return fail(ErrorCode::kInvalid, "role: must be \"user\" or \"admin\"");
}

Task<http::Response> add_user(const Services& services, http::Request request) {
  auto fields = body_fields(request);
  if (!fields) co_return error_response(fields.error());
  NewAccount account{.name = fields->required_string("name"),
                     .password = fields->required_string("password"),
                     .email = fields->required_string("email")};
  const auto role = fields->optional_string("role", check_role).value_or("user");
  if (auto r = fields->finish(); !r) co_return error_response(r.error());
  auto uid = co_await services.accounts.add(local_admin(), account,
                                            role == "admin" ? Role::kAdmin : Role::kUser);
  if (!uid) co_return error_response(uid.error());
  co_return answer({{"status", 0}, {"uid", uid->value}});
}

Task<http::Response> list_users(const Services& services, http::Request) {
  auto users = co_await services.accounts.list(local_admin());
  if (!users) co_return error_response(users.error());
  json::AnswerList list;
  for (const UserRow& user : *users) {
    list.emplace_back(json::Answer{{"uid", user.uid.value},
                                   {"name", user.name},
                                   {"email", user.email},
                                   {"role", user.role == Role::kAdmin ? "admin" : "user"},
                                   {"disabled", user.disabled},
                                   {"created", format_rfc3339(user.created_at)}});
  }
  co_return answer({{"status", 0}, {"users", std::move(list)}});
}

Task<http::Response> set_password(const Services& services, http::Request request) {
  auto fields = body_fields(request);
  if (!fields) co_return error_response(fields.error());
  const std::string password = fields->required_string("password");
  if (auto r = fields->finish(); !r) co_return error_response(r.error());
  auto set = co_await services.accounts.set_password(local_admin(),
                                                     std::string(request.param("name")), password);
  co_return set ? done() : error_response(set.error());
}

Task<http::Response> set_disabled(const Services& services, http::Request request) {
  auto fields = body_fields(request);
  if (!fields) co_return error_response(fields.error());
  const bool disabled = fields->required_bool("disabled");
  if (auto r = fields->finish(); !r) co_return error_response(r.error());
  auto set = co_await services.accounts.set_disabled(local_admin(),
                                                     std::string(request.param("name")), disabled);
  co_return set ? done() : error_response(set.error());
}

json::Answer device_answer(const Services& services, const DeviceProperty& found) {
  json::AnswerList gpus;
  for (const GpuRow& gpu : found.gpus) {
    gpus.emplace_back(json::Answer{{"gid", gpu.gid.value},
                                   {"type", gpu.model},
                                   {"uuid", gpu.uuid},
                                   {"used", found.used.gpus.contains(gpu.gid)}});
  }
  const DeviceRow& device = found.device;
  return {{"did", device.did.value},
          {"name", device.name},
          {"endpoint", device.endpoint},
          {"retired", !services.devices.is_attached(device.did)},
          {"reachable", services.devices.is_reachable(device.did)},
          {"draining", device.draining},
          {"cpu", device.cpu_cores},
          {"used_cpu", found.used.cpu_cores},
          {"memory_mb", device.memory_mb},
          {"used_memory_mb", found.used.memory_mb},
          {"cpu_name", device.cpu_name},
          {"ip", device.ip},
          {"data_dir", device.data_dir},
          {"pub_dir", device.pub_dir},
          {"ports", std::to_string(device.port_first) + "-" + std::to_string(device.port_last)},
          {"gpus", std::move(gpus)}};
}

Task<http::Response> list_devices(const Services& services, http::Request) {
  auto devices = co_await services.devices.properties(local_admin());
  if (!devices) co_return error_response(devices.error());
  json::AnswerList list;
  for (const DeviceProperty& device : *devices) list.emplace_back(device_answer(services, device));
  co_return answer({{"status", 0}, {"devices", std::move(list)}});
}

Task<http::Response> show_device(const Services& services, http::Request request) {
  auto did = path_id(request, "did", "no device");
  if (!did) co_return error_response(did.error());
  auto device = co_await services.devices.property(local_admin(), DeviceId{*did});
  if (!device) co_return error_response(device.error());
  co_return answer({{"status", 0}, {"device", device_answer(services, *device)}});
}

Task<http::Response> set_draining(const Services& services, http::Request request) {
  auto did = path_id(request, "did", "no device");
  if (!did) co_return error_response(did.error());
  auto fields = body_fields(request);
  if (!fields) co_return error_response(fields.error());
  const bool draining = fields->required_bool("draining");
  if (auto r = fields->finish(); !r) co_return error_response(r.error());
  auto set = co_await services.devices.set_draining(local_admin(), DeviceId{*did}, draining);
  co_return set ? done() : error_response(set.error());
}

Task<http::Response> trust_device(const Services& services, http::Request request) {
  auto did = path_id(request, "did", "no device");
  if (!did) co_return error_response(did.error());
  auto trusted = co_await services.devices.trust_next_engine(local_admin(), DeviceId{*did});
  co_return trusted ? done() : error_response(trusted.error());
}

Task<http::Response> list_images(const Services& services, http::Request) {
  auto images = co_await services.images.list_all(local_admin());
  if (!images) co_return error_response(images.error());
  json::AnswerList list;
  for (const ImageProperty& found : *images) {
    list.emplace_back(json::Answer{{"iid", found.image.iid.value},
                                   {"did", found.image.did.value},
                                   {"name", found.image.name},
                                   {"user", found.owner_name},
                                   {"public", found.image.is_public},
                                   {"reference", found.image.reference},
                                   {"size", found.image.size_bytes}});
  }
  co_return answer({{"status", 0}, {"images", std::move(list)}});
}

Task<http::Response> add_image(const Services& services, http::Request request) {
  auto fields = body_fields(request);
  if (!fields) co_return error_response(fields.error());
  const DeviceId did{fields->required_int("did", 1, INT64_MAX)};
  const std::string reference = fields->required_string("reference");
  const std::string name = fields->required_string("name");
  if (auto r = fields->finish(); !r) co_return error_response(r.error());
  auto iid = co_await services.images.add(local_admin(), did, reference, name);
  if (!iid) co_return error_response(iid.error());
  co_return answer({{"status", 0}, {"iid", iid->value}});
}

Task<http::Response> publish_image(const Services& services, http::Request request) {
  auto iid = path_id(request, "iid", "no image");
  if (!iid) co_return error_response(iid.error());
  auto fields = body_fields(request);
  if (!fields) co_return error_response(fields.error());
  const bool is_public = fields->required_bool("public");
  if (auto r = fields->finish(); !r) co_return error_response(r.error());
  auto set = co_await services.images.set_public(local_admin(), ImageId{*iid}, is_public);
  co_return set ? done() : error_response(set.error());
}

json::Answer container_answer(const ContainerProperty& found) {
  const ContainerRow& row = found.container;
  json::AnswerList gpus;
  for (GpuId gid : row.gpus) gpus.emplace_back(gid.value);
  return {{"cid", row.cid.value},
          {"name", row.name},
          {"user", found.owner_name},
          {"device", found.device.name},
          {"image", found.image_name},
          {"state", to_string(row.state)},
          {"wanted", to_string(row.wanted)},
          {"reason", row.reason},
          {"cpu", row.cpu_cores},
          {"memory_mb", row.memory_mb},
          {"gpus", std::move(gpus)},
          {"portssh", host_port(row, kSshPort)},
          {"portjupyter", host_port(row, kJupyterPort)},
          {"porttsb", host_port(row, kTensorboardPort)},
          {"created", format_rfc3339(row.created_at)}};
}

Task<http::Response> list_containers(const Services& services, http::Request) {
  auto containers = co_await services.containers.list_all(local_admin());
  if (!containers) co_return error_response(containers.error());
  json::AnswerList list;
  for (const ContainerProperty& found : *containers) list.emplace_back(container_answer(found));
  co_return answer({{"status", 0}, {"containers", std::move(list)}});
}

Task<http::Response> show_container(const Services& services, http::Request request) {
  auto cid = path_id(request, "cid", "no container");
  if (!cid) co_return error_response(cid.error());
  auto found = co_await services.containers.property(local_admin(), ContainerId{*cid});
  if (!found) co_return error_response(found.error());
  co_return answer({{"status", 0}, {"container", container_answer(*found)}});
}

Task<http::Response> stop_container(const Services& services, http::Request request) {
  auto cid = path_id(request, "cid", "no container");
  if (!cid) co_return error_response(cid.error());
  auto stopped = co_await services.containers.stop(local_admin(), ContainerId{*cid});
  co_return stopped ? done() : error_response(stopped.error());
}

Task<http::Response> remove_container(const Services& services, http::Request request) {
  auto cid = path_id(request, "cid", "no container");
  if (!cid) co_return error_response(cid.error());
  auto removed = co_await services.containers.remove(local_admin(), ContainerId{*cid});
  co_return removed ? done() : error_response(removed.error());
}

Task<http::Response> list_matlab(const Services& services, http::Request) {
  json::AnswerList list;
  if (services.matlab != nullptr) {
    auto rows = co_await services.matlab->list();
    if (!rows) co_return error_response(rows.error());
    for (const ContainerRow& row : *rows) {
      list.emplace_back(json::Answer{{"container_id", row.name},
                                     {"user_id", row.slot},
                                     {"state", to_string(row.state)},
                                     {"reason", row.reason},
                                     {"http_port", host_port(row, kMatlabHttpPort)},
                                     {"ws_port", host_port(row, kMatlabWsPort)},
                                     {"created", format_rfc3339(row.created_at)}});
    }
  }
  co_return answer({{"status", 0}, {"sessions", std::move(list)}});
}

Task<http::Response> list_routes(const Services& services, http::Request) {
  json::AnswerList list;
  for (const ListedRoute& route : services.served) {
    list.emplace_back(json::Answer{{"face", route.face},
                                   {"method", route.method},
                                   {"pattern", route.pattern},
                                   {"access", route.access}});
  }
  co_return answer({{"status", 0}, {"routes", std::move(list)}});
}

http::Route socket_route(const Services& services, std::string method, std::string pattern,
                         AdminHandler handler) {
  return {std::move(method), std::move(pattern), "socket",
          [&services, handler](http::Request request) {
            return handler(services, std::move(request));
          }};
}

}  // namespace

std::vector<http::Route> routes(const Services& services) {
  return {socket_route(services, "GET", "/users", list_users),
          socket_route(services, "POST", "/users", add_user),
          socket_route(services, "PUT", "/users/{name}/password", set_password),
          socket_route(services, "PUT", "/users/{name}/disabled", set_disabled),
          socket_route(services, "GET", "/devices", list_devices),
          socket_route(services, "GET", "/devices/{did}", show_device),
          socket_route(services, "PUT", "/devices/{did}/draining", set_draining),
          socket_route(services, "POST", "/devices/{did}/trust", trust_device),
          socket_route(services, "GET", "/images", list_images),
          socket_route(services, "POST", "/images", add_image),
          socket_route(services, "PUT", "/images/{iid}/public", publish_image),
          socket_route(services, "GET", "/containers", list_containers),
          socket_route(services, "GET", "/containers/{cid}", show_container),
          socket_route(services, "POST", "/containers/{cid}/stop", stop_container),
          socket_route(services, "DELETE", "/containers/{cid}", remove_container),
          socket_route(services, "GET", "/matlab", list_matlab),
          socket_route(services, "GET", "/routes", list_routes)};
}

}  // namespace berth::api::admin
