#include <algorithm>

#include "api/v1/handlers.hpp"
#include "api/v1/wire.hpp"
#include "base/limits.hpp"

namespace berth::api::v1 {
namespace {

Task<http::Response> list(const Services& services, Actor actor, http::Request request) {
  Query query(request);
  const std::string scope = query.word("scope", {"all", "mine", "public"}).value_or("all");
  const DeviceId did{query.number("did", 1, limits::kLargestId).value_or(0)};
  const PageAsked asked = read_page(query);
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  auto images = co_await services.images.overview(actor);
  if (!images) co_return problem(request, images.error());
  std::erase_if(*images, [&](const ImageOverview& found) {
    if (did && found.image.did != did) return true;
    if (scope == "mine") return found.image.owner != actor.uid;
    return scope == "public" && !found.image.is_public;
  });
  co_return page_of(
      *images, asked, [](const ImageOverview& found) { return found.image.iid.value; },
      [&](const ImageOverview& found) { return image_answer(actor, found); });
}

Task<http::Response> set_public(const Services& services, Actor actor, http::Request request) {
  auto iid = read_id(request, "iid");
  if (!iid) co_return problem(request, iid.error());
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  const bool is_public = fields->required_bool("public");
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  auto set = co_await services.images.set_public(actor, ImageId{*iid}, is_public);
  if (!set) co_return problem(request, set.error());
  auto found = co_await services.images.look(actor, ImageId{*iid});
  if (!found) co_return problem(request, found.error());
  co_return answer(image_answer(actor, *found));
}

Task<http::Response> remove(const Services& services, Actor actor, http::Request request) {
  auto iid = read_id(request, "iid");
  if (!iid) co_return problem(request, iid.error());
  auto removed = co_await services.images.remove(std::move(actor), ImageId{*iid});
  if (!removed) co_return problem(request, removed.error());
  co_return no_content();
}

}  // namespace

void add_image_routes(const Services& services, Routes& routes) {
  add_route(services, routes, Access::kRead, "GET", "/api/v1/images", list);
  add_route(services, routes, Access::kWrite, "PUT", "/api/v1/images/{iid}/public", set_public);
  add_route(services, routes, Access::kWrite, "DELETE", "/api/v1/images/{iid}", remove);
}

}  // namespace berth::api::v1
