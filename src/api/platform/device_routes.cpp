#include "api/platform/handlers.hpp"

namespace berth::api::platform {
namespace {

Task<http::Response> list(const Services& services, Actor actor, http::Request) {
  auto ids = co_await services.devices.list(actor);
  if (!ids) co_return error_response(ids.error());
  co_return list_answer(services, "did", json::numbers(*ids));
}

Task<http::Response> property(const Services& services, Actor actor, http::Request request) {
  auto did = path_id(request, "did", "no device");
  if (!did) co_return error_response(did.error());
  auto found = co_await services.devices.property(actor, DeviceId{*did});
  if (!found) co_return error_response(found.error());
  json::AnswerList gpus;
  for (const GpuRow& gpu : found->gpus) {
    gpus.emplace_back(json::Answer{{"gid", gpu.gid.value}, {"gpu_type", gpu.model}});
  }
  json::AnswerList used;  // a list of lists of one, as documented
  for (GpuId gid : found->used.gpus) {
    json::AnswerList one;
    one.emplace_back(gid.value);
    used.emplace_back(std::move(one));
  }
  co_return answer({{"status", 0},
                    {"total_cpu", found->device.cpu_cores},
                    {"used_cpu", found->used.cpu_cores},
                    {"cpu_name", found->device.cpu_name},
                    {"total_memory", found->device.memory_mb},
                    {"used_memory", found->used.memory_mb},
                    {"gpus", std::move(gpus)},
                    {"gpu_used", std::move(used)},
                    {"ip", found->device.ip}});
}

}  // namespace

void add_device_routes(const Services& services, std::vector<http::Route>& routes) {
  routes.push_back(user_route(services, "GET", "/devices", list));
  routes.push_back(user_route(services, "GET", "/devices/property/{did}", property));
}

}  // namespace berth::api::platform
