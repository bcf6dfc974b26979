#include <deque>
#include <map>

#include "api/v1/handlers.hpp"
#include "base/limits.hpp"
#include "http/body_stream.hpp"

namespace berth::api::v1 {
namespace {

std::string event_text(std::string_view name, const json::Answer& data) {
  std::string text = "event: ";
  text.append(name).append("\ndata: ").append(json::encode(data));
  while (text.ends_with('\n')) text.pop_back();
  return text.append("\n\n");
}

bool may_see(const Actor& actor, const Change& change) {
  if (change.is_everybodys || actor.is_admin()) return true;
  if (change.kind == Change::Kind::kMatlab) return false;
  return (change.owner && change.owner == actor.uid) || (change.by && change.by == actor.uid);
}

std::string change_text(const Change& change) {
  switch (change.kind) {
    case Change::Kind::kContainer:
      return event_text("container.changed", {{"cid", change.id}});
    case Change::Kind::kImage:
      return event_text("image.changed", {{"iid", change.id}});
    case Change::Kind::kDevice:
      return event_text("device.changed", {{"did", change.id}});
    case Change::Kind::kOperation:
      return event_text("operation.changed", {{"oid", change.oid}});
    case Change::Kind::kMatlab:
      return event_text("matlab.changed", {{"user_id", change.id}});
    case Change::Kind::kAccount:
      return event_text("account.changed", {{"uid", change.id}});
  }
  return {};
}

// The streams that are open, by whose they are: when somebody opens one too many, the oldest ends,
// since a browser that was closed a moment ago may not have been noticed yet.
class OpenStreams {
 public:
  void add(UserId uid, const std::shared_ptr<http::BodyStream>& stream) {
    auto& own = streams_[uid];
    std::erase_if(own, [](const auto& weak) { return weak.expired() || weak.lock()->is_closed(); });
    while (own.size() >= limits::kStreamsPerUser) {
      if (auto oldest = own.front().lock()) oldest->close();
      own.pop_front();
    }
    own.push_back(stream);
  }

 private:
  std::map<UserId, std::deque<std::weak_ptr<http::BodyStream>>> streams_;
};

Task<http::Response> follow(const Services& services, std::shared_ptr<OpenStreams> open,
                            Actor actor, http::Request request) {
  http::BodyStreamOptions options{.heartbeat = event_text("ping", {})};
  options.may_go_on = [&services, actor, request] {
    return is_still_let_in(services, Access::kRead, actor, request);
  };
  auto stream = std::make_shared<http::BodyStream>(std::move(options));
  std::weak_ptr<http::BodyStream> weak = stream;
  auto subscription = services.changes.subscribe([weak, actor](const Change& change) {
    auto alive = weak.lock();
    if (!alive) return;
    if (change.kind == Change::Kind::kAccount && change.owner == actor.uid) alive->recheck();
    if (may_see(actor, change)) alive->push(change_text(change));
  });
  stream->on_closed([subscription] {});  // it ends with the stream
  stream->push(event_text("hello", {{"version", BERTH_VERSION}}));
  open->add(actor.uid, stream);
  co_return http::Response{.content_type = "text/event-stream",
                           .headers = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
                           .stream = std::move(stream)};
}

}  // namespace

void add_event_routes(const Services& services, Routes& routes) {
  auto open = std::make_shared<OpenStreams>();
  auto handler = [open](const Services& its_services, Actor actor, http::Request request) {
    return follow(its_services, open, std::move(actor), std::move(request));
  };
  add_route(services, routes, Access::kRead, "GET", "/api/v1/events", handler);
}

}  // namespace berth::api::v1
