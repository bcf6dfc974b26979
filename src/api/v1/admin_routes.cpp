#include "api/v1/handlers.hpp"
#include "api/v1/wire.hpp"
#include "base/limits.hpp"
#include "base/time_text.hpp"

namespace berth::api::v1 {
namespace {

Result<> check_role(std::string_view role) {
  if (role == "user" || role == "admin") return ok();
  return fail(ErrorCode::kInvalid, "role: must be \"user\" or \"admin\"");
}

Role to_role(const std::string& word) { return word == "admin" ? Role::kAdmin : Role::kUser; }

json::Answer account_answer(const AccountOverview& found) {
  const UserRow& user = found.user;
  return {{"uid", user.uid.value},
          {"name", user.name},
          {"email", user.email},
          {"role", user.role == Role::kAdmin ? "admin" : "user"},
          {"disabled", user.disabled},
          {"containers", found.containers},
          {"created_at", format_rfc3339(user.created_at)}};
}

Task<http::Response> show_account(const Services& services, Actor actor, http::Request request,
                                  std::string name, int status) {
  auto found = co_await services.accounts.look(std::move(actor), std::move(name));
  if (!found) co_return problem(request, found.error());
  co_return answer(account_answer(*found), status);
}

Task<http::Response> list_users(const Services& services, Actor actor, http::Request request) {
  Query query(request);
  const PageAsked asked = read_page(query);
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  auto users = co_await services.accounts.overview(std::move(actor));
  if (!users) co_return problem(request, users.error());
  co_return page_of(
      *users, asked, [](const AccountOverview& found) { return found.user.uid.value; },
      account_answer);
}

Task<http::Response> add_user_account(const Services& services, Actor actor,
                                      http::Request request) {
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  NewAccount account{.name = fields->required_string("username"),
                     .password = fields->required_string("password"),
                     .email = fields->required_string("email")};
  const Role role = to_role(fields->required_string("role", check_role));
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  auto uid = co_await services.accounts.add(actor, account, role);
  if (!uid) {
    if (uid.error().message.starts_with("name: ")) uid.error().message.replace(0, 4, "username");
    co_return problem(request, uid.error());
  }
  co_return co_await show_account(services, std::move(actor), std::move(request),
                                  std::move(account.name), 201);
}

Task<http::Response> set_role(const Services& services, Actor actor, http::Request request) {
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  const Role role = to_role(fields->required_string("role", check_role));
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  std::string name(request.param("username"));
  auto set = co_await services.accounts.set_role(actor, name, role);
  if (!set) co_return problem(request, set.error());
  co_return co_await show_account(services, std::move(actor), std::move(request), std::move(name),
                                  200);
}

Task<http::Response> reset_password(const Services& services, Actor actor, http::Request request) {
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  std::string password = fields->required_string("password");
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  std::string name(request.param("username"));
  auto set = co_await services.accounts.set_password(std::move(actor), std::move(name),
                                                     std::move(password));
  if (!set) co_return problem(request, set.error());
  co_return no_content();
}

Task<http::Response> set_disabled(const Services& services, Actor actor, http::Request request) {
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  const bool disabled = fields->required_bool("disabled");
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  std::string name(request.param("username"));
  auto set = co_await services.accounts.set_disabled(actor, name, disabled);
  if (!set) co_return problem(request, set.error());
  co_return co_await show_account(services, std::move(actor), std::move(request), std::move(name),
                                  200);
}

Task<http::Response> list_containers(const Services& services, Actor actor, http::Request request) {
  Query query(request);
  const PageAsked asked = read_page(query);
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  auto all = co_await services.containers.list_all(actor);
  if (!all) co_return problem(request, all.error());
  co_return page_of(
      *all, asked, [](const ContainerProperty& found) { return found.container.cid.value; },
      [&](const ContainerProperty& found) { return container_answer(services, actor, found); });
}

Task<http::Response> list_images(const Services& services, Actor actor, http::Request request) {
  Query query(request);
  const PageAsked asked = read_page(query);
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  auto all = co_await services.images.overview_of_all(actor);
  if (!all) co_return problem(request, all.error());
  co_return page_of(
      *all, asked, [](const ImageOverview& found) { return found.image.iid.value; },
      [&](const ImageOverview& found) { return image_answer(actor, found); });
}

Result<> check_reference(std::string_view reference) {
  constexpr std::size_t kMost = 200;  // an engine takes 255, with what it puts before it
  if (!reference.empty() && reference.size() <= kMost) return ok();
  return fail(ErrorCode::kInvalid, "reference: must have 1 to 200 bytes");
}

Task<http::Response> add_image(const Services& services, Actor actor, http::Request request) {
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  const DeviceId did{fields->required_int("did", 1, limits::kLargestId)};
  std::string reference = fields->required_string("reference", check_reference);
  std::string name = fields->required_string("name");
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  auto iid = co_await services.images.add(actor, did, std::move(reference), std::move(name));
  if (!iid) co_return problem(request, iid.error());
  auto found = co_await services.images.look(actor, *iid);
  if (!found) co_return problem(request, found.error());
  co_return answer(image_answer(actor, *found), 201);
}

Task<http::Response> set_draining(const Services& services, Actor actor, http::Request request) {
  auto did = read_id(request, "did");
  if (!did) co_return problem(request, did.error());
  auto fields = read_body(request);
  if (!fields) co_return problem(request, fields.error());
  const bool draining = fields->required_bool("draining");
  if (auto r = fields->finish_strictly(); !r) co_return problem(request, r.error());
  auto set = co_await services.devices.set_draining(std::move(actor), DeviceId{*did}, draining);
  if (!set) co_return problem(request, set.error());
  co_return no_content();
}

Task<http::Response> trust_device(const Services& services, Actor actor, http::Request request) {
  auto did = read_id(request, "did");
  if (!did) co_return problem(request, did.error());
  auto trusted = co_await services.devices.trust_next_engine(std::move(actor), DeviceId{*did});
  if (!trusted) co_return problem(request, trusted.error());
  co_return no_content();
}

Task<http::Response> list_settings(const Services& services, Actor, http::Request) {
  json::AnswerList items;
  for (const ShownSetting& setting : services.settings) {
    items.emplace_back(json::Answer{
        {"key", setting.key}, {"value", setting.value}, {"default", setting.default_value}});
  }
  json::Answer body;
  body["items"] = std::move(items);
  body["next"] = nullptr;
  co_return answer(body);
}

Task<http::Response> list_audit(const Services& services, Actor actor, http::Request request) {
  Query query(request);
  const PageAsked asked = read_page(query);
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  auto entries = co_await services.history.all(std::move(actor), asked.after, asked.limit);
  if (!entries) co_return problem(request, entries.error());
  co_return history_page(*entries, asked);
}

}  // namespace

void add_admin_routes(const Services& services, Routes& routes) {
  add_route(services, routes, Access::kAdmin, "GET", "/api/v1/admin/users", list_users);
  add_route(services, routes, Access::kAdmin, "POST", "/api/v1/admin/users", add_user_account);
  add_route(services, routes, Access::kAdmin, "PUT", "/api/v1/admin/users/{username}/role",
            set_role);
  add_route(services, routes, Access::kAdmin, "PUT", "/api/v1/admin/users/{username}/password",
            reset_password);
  add_route(services, routes, Access::kAdmin, "PUT", "/api/v1/admin/users/{username}/disabled",
            set_disabled);
  add_route(services, routes, Access::kAdmin, "GET", "/api/v1/admin/containers", list_containers);
  add_route(services, routes, Access::kAdmin, "GET", "/api/v1/admin/images", list_images);
  add_route(services, routes, Access::kAdmin, "POST", "/api/v1/admin/images", add_image);
  add_route(services, routes, Access::kAdmin, "PUT", "/api/v1/admin/devices/{did}/draining",
            set_draining);
  add_route(services, routes, Access::kAdmin, "POST", "/api/v1/admin/devices/{did}/trust",
            trust_device);
  add_route(services, routes, Access::kAdmin, "GET", "/api/v1/admin/settings", list_settings);
  add_route(services, routes, Access::kAdmin, "GET", "/api/v1/admin/audit", list_audit);
}

}  // namespace berth::api::v1
