#include "api/v1/handlers.hpp"
#include "api/v1/wire.hpp"

namespace berth::api::v1 {
namespace {

Task<http::Response> list(const Services& services, Actor actor, http::Request request) {
  Query query(request);
  const PageAsked asked = read_page(query);
  if (auto r = query.finish(); !r) co_return problem(request, r.error());
  auto boards = co_await services.devices.boards(actor);
  if (!boards) co_return problem(request, boards.error());
  co_return page_of(
      *boards, asked, [](const DeviceBoard& board) { return board.device.did.value; },
      [&](const DeviceBoard& board) { return device_answer(services, actor, board); });
}

}  // namespace

void add_device_routes(const Services& services, Routes& routes) {
  add_route(services, routes, Access::kRead, "GET", "/api/v1/devices", list);
}

}  // namespace berth::api::v1
