#include "api/platform/handlers.hpp"

namespace berth::api::platform {
namespace {

constexpr std::string_view kNoImage = "no image or not authorized to visit image";
constexpr std::string_view kNotRemovable = "no image or not authorized to remove";

Task<http::Response> list_own(const Services& services, Actor actor, http::Request) {
  auto ids = co_await services.images.list_own(actor);
  if (!ids) co_return error_response(ids.error());
  co_return list_answer(services, "iid", json::numbers(*ids));
}

Task<http::Response> list_public(const Services& services, Actor actor, http::Request) {
  auto ids = co_await services.images.list_public(actor);
  if (!ids) co_return error_response(ids.error());
  co_return list_answer(services, "iid", json::numbers(*ids));
}

Task<http::Response> list_on(const Services& services, Actor actor, http::Request request) {
  auto did = path_id(request, "did", "no device");
  if (!did) co_return error_response(did.error());
  auto images = co_await services.images.list_on(actor, DeviceId{*did});
  if (!images) co_return error_response(images.error());
  json::AnswerList list;
  for (const ImageProperty& found : *images) {
    list.emplace_back(json::Answer{{"iid", found.image.iid.value},
                                   {"name", found.image.name},
                                   {"User", found.owner_name},
                                   {"public", found.image.is_public}});
  }
  co_return list_answer(services, "images", std::move(list));
}

Task<http::Response> property(const Services& services, Actor actor, http::Request request) {
  auto iid = path_id(request, "iid", kNoImage);
  if (!iid) co_return error_response(iid.error());
  auto found = co_await services.images.property(actor, ImageId{*iid});
  if (!found) co_return error_response(found.error());
  co_return answer({{"status", 0},
                    {"did", found->image.did.value},
                    {"name", found->image.name},
                    {"public", found->image.is_public},
                    {"user", found->owner_name},
                    {"size", found->image.size_bytes}});
}

Task<http::Response> create(const Services& services, Actor actor, http::Request request) {
  auto fields = body_fields(request);
  if (!fields) co_return error_response(fields.error());
  const ContainerId cid{fields->required_int("cid", 1, INT64_MAX)};
  const std::string name = fields->required_string("name");
  const bool is_public = fields->optional_bool("public").value_or(false);
  if (auto r = fields->finish(); !r) co_return error_response(r.error());
  auto iid = co_await services.images.save(actor, cid, name, is_public);
  if (!iid) co_return error_response(iid.error());
  co_return answer({{"status", 0}, {"iid", iid->value}});
}

Task<http::Response> remove(const Services& services, Actor actor, http::Request request) {
  auto iid = path_id(request, "iid", kNotRemovable);
  if (!iid) co_return error_response(iid.error());
  auto removed = co_await services.images.remove(actor, ImageId{*iid});
  co_return removed ? done() : error_response(removed.error());
}

}  // namespace

void add_image_routes(const Services& services, std::vector<http::Route>& routes) {
  routes.push_back(user_route(services, "GET", "/images", list_own));
  routes.push_back(user_route(services, "GET", "/images/public", list_public));
  routes.push_back(user_route(services, "GET", "/images/on/{did}", list_on));
  routes.push_back(user_route(services, "GET", "/images/property/{iid}", property));
  routes.push_back(user_route(services, "POST", "/images", create));
  routes.push_back(user_route(services, "POST", "/images/create", create));
  routes.push_back(user_route(services, "DELETE", "/images/{iid}", remove));
  routes.push_back(user_route(services, "POST", "/images/delete/{iid}", remove));
}

}  // namespace berth::api::platform
