#include "sim_engine.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "base/limits.hpp"
#include "world.hpp"

namespace berth::sim {

using std::chrono::milliseconds;

namespace {

constexpr auto kLastAnswer = limits::kEngineRead + std::chrono::seconds(2);

}  // namespace

struct SimEngine::Sent {
  VirtualTime::Ticket ticket;
  Call call;
  std::function<Result<>()> work;
  Fate fate;
  milliseconds lasts;
  int boots;
  bool is_answered = false;
  Result<> result = std::unexpected(unknown());
};

SimEngine::SimEngine(World& world, int number, memory::MachineOptions options)
    : MemoryEngine(world.time, world.time, options),
      world_(world),
      number_(number),
      spare_(world.time, {.seed = options.seed + 1}) {
  spare_.become_another();
}

std::int64_t SimEngine::file(const std::string& id) const {
  auto found = files_.find(id);
  return found == files_.end() ? 0 : found->second;
}

SimEngine::Fate SimEngine::draw_fate() {
  double point = world_.random.unit();
  const std::pair<double, Fate> fates[] = {{rates.reply_lost, Fate::kReplyLost},
                                           {rates.refused, Fate::kRefused},
                                           {rates.never, Fate::kNever},
                                           {rates.late, Fate::kLate},
                                           {rates.unavailable, Fate::kUnavailable}};
  for (const auto& [rate, fate] : fates) {
    if (point < rate) return fate;
    point -= rate;
  }
  return Fate::kDone;
}

// Mostly fast, now and then slow.
milliseconds SimEngine::draw_delay() {
  const auto most = world_.random.chance(0.2) ? rates.slowest : rates.slowest / 20;
  return world_.random.up_to(most);
}

void SimEngine::answer(std::shared_ptr<Sent> sent, Result<> result) {
  if (sent->is_answered) return;
  sent->is_answered = true;
  sent->result = std::move(result);
  world_.time.fire(sent->ticket);
}

// At the engine, when the call's turn has come.
void SimEngine::take_up(std::shared_ptr<Sent> sent) {
  const bool is_heard = !is_down() && sent->boots == boots_;
  if (!sent->call.begin || !is_heard || sent->fate == Fate::kRefused) return carry_out(sent);
  sent->call.begin();
  auto finish = [this, sent] { carry_out(sent); };
  world_.time.after(sent->lasts, std::move(finish));
}

void SimEngine::carry_out(std::shared_ptr<Sent> sent) {
  --under_way_;
  if (is_down() || sent->boots != boots_) return answer(sent, std::unexpected(unknown()));
  Result<> result = std::unexpected(unknown());
  if (sent->fate == Fate::kRefused) {
    result = fail(ErrorCode::kRefused, "the engine said no", "the engine is out of sorts");
  } else {
    auto done = sent->work();
    if (done) note_done(sent->call);
    if (sent->fate == Fate::kDone) result = std::move(done);
  }
  world_.trace.say(
      "engine", number_, sent->call.name, sent->call.turn, static_cast<int>(sent->fate),
      result ? std::string("ok") : result.error().message + " " + result.error().details);
  auto reached = [this, sent, result] { answer(sent, result); };
  world_.time.after(draw_delay() / 4, reached);
}

// What only shows at the engine, in the moment in which it is done.
void SimEngine::note_done(const Call& call) {
  const std::string_view name = call.name;
  if (name != "create" && name != "put_archive" && name != "commit") return;
  const auto* container = machine.find(call.turn);
  if (name == "create") {
    world_.truths.created(container->spec);
    files_[container->id] = file(container->image_id);
  } else if (name == "put_archive") {
    world_.truths.uploaded(*container, container->archives.back().second);
  } else {
    files_[machine.images().back().id] = file(container->id);
  }
}

Task<Result<>> SimEngine::conduct(Call call, std::function<Result<>()> work) {
  const milliseconds lasts = call.begin ? draw_delay() : milliseconds(0);
  co_await world_.boundary(call.name, Boundary::kBefore);
  const Fate fate = draw_fate();
  if (is_down() || fate == Fate::kUnavailable) {
    co_await world_.time.sleep(draw_delay() / 4);
    co_return std::unexpected(unavailable());
  }
  auto sent = std::make_shared<Sent>(world_.time.ticket(), call, work, fate, lasts, boots_);
  const auto now = world_.time.steady();
  if (fate != Fate::kNever) {
    auto due = now + draw_delay();
    if (fate == Fate::kLate) (call.begin ? sent->lasts : due) += call.patience;
    if (!call.turn.empty()) {
      auto& last = turns_[call.turn];
      due = last = std::max(due, last + milliseconds(1));
    }
    auto event = [this, sent] { take_up(sent); };
    ++under_way_;
    world_.time.after(due - now, std::move(event));
  }
  const bool is_lost = fate == Fate::kNever;
  if (is_lost) ++under_way_;  // for Berth it is
  auto give_up = [this, sent, is_lost] {
    if (is_lost) --under_way_;
    answer(sent, std::unexpected(unknown()));
  };
  world_.time.after(call.patience, std::move(give_up));
  co_await world_.time.await(sent->ticket);
  co_await world_.boundary(call.name, Boundary::kAfter);
  co_return sent->result;
}

Task<Result<>> SimEngine::start(std::string container) {
  world_.truths.start_sent(did, container);
  auto started = co_await MemoryEngine::start(container);
  note_start(container, started);
  co_return started;
}

Task<Result<>> SimEngine::restart(std::string container, std::chrono::seconds grace) {
  world_.truths.start_sent(did, container);
  auto started = co_await MemoryEngine::restart(container, grace);
  note_start(container, started);
  co_return started;
}

void SimEngine::note_start(const std::string& container, const Result<>& started) {
  const bool is_clear = !started && started.error().code != ErrorCode::kUnknown;
  if (is_clear) world_.truths.start_refused(did, container);
}

// What another engine says proves nothing.
Task<Result<ContainerSeen>> SimEngine::inspect(std::string container) {
  const int swaps = swaps_;
  auto seen = co_await MemoryEngine::inspect(container);
  if (!is_own_word(swaps)) co_return seen;
  if (seen) world_.truths.told(did, container, *seen);
  if (!seen && seen.error().code == ErrorCode::kNotFound)
    world_.truths.told(did, container, std::nullopt);
  co_return seen;
}

// An engine that comes up, or is under load, has been seen to tell less than it has, or what it
// had.
void SimEngine::edit_listing(std::vector<ListedContainer>& listed) {
  const auto truth = listed;
  if (world_.random.chance(rates.listing)) {
    switch (world_.random.below(3)) {
      case 0:
        listed.clear();
        break;
      case 1:
        listed.resize(listed.size() / 2);
        break;
      default:
        listed = stale_listing_;
        break;
    }
  }
  stale_listing_ = truth;
}

Task<Result<ImageSeen>> SimEngine::inspect_image(std::string image) {
  const int swaps = swaps_;
  auto seen = co_await MemoryEngine::inspect_image(image);
  if (!is_own_word(swaps)) co_return seen;
  if (seen) world_.truths.told_image(did, image, false);
  if (!seen && seen.error().code == ErrorCode::kNotFound)
    world_.truths.told_image(did, image, true);
  co_return seen;
}

Task<Result<>> SimEngine::remove_image(std::string image) {
  const int swaps = swaps_;
  auto removed = co_await MemoryEngine::remove_image(image);
  if (!is_own_word(swaps)) co_return removed;
  const bool is_gone = removed || removed.error().code == ErrorCode::kNotFound;
  if (is_gone || removed.error().code == ErrorCode::kConflict ||
      removed.error().code == ErrorCode::kRefused) {
    world_.truths.told_image(did, image, is_gone);
  }
  co_return removed;
}

// On virtual time's own tickets, which die with Berth.
Task<Result<>> SimEngine::follow_events(std::function<void()> on_open,
                                        std::function<void(EngineEvent)> on_event) {
  std::function<Result<>()> nothing = [] { return ok(); };
  const Call call{"follow_events", "", limits::kEngineRead};
  auto opened = co_await conduct(call, std::move(nothing));
  if (!opened) co_return opened;
  if (is_down()) co_return std::unexpected(unavailable());
  const auto ticket = world_.time.ticket();
  followers_.push_back({ticket, std::move(on_event)});
  on_open();
  co_await world_.time.await(ticket);
  co_return fail(ErrorCode::kUnavailable, "the server ended the stream");
}

void SimEngine::tell(const EngineEvent& event) {
  if (event.action == "start") {
    if (const auto* container = machine.find(event.id))
      if (!is_another_) world_.truths.started(did, machine, *container);
  }
  world_.happened(did, event);
  if (is_down() || followers_.empty() || world_.random.chance(rates.event_lost)) return;
  const int copies = world_.random.chance(rates.event_twice) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    auto arrive = [this, event] { deliver(event); };
    world_.time.after(draw_delay() / 10, std::move(arrive));
  }
}

void SimEngine::deliver(const EngineEvent& event) {
  const auto listening = followers_;
  for (const Follower& follower : listening) follower.on_event(event);
}

void SimEngine::drop_followers() {
  for (const Follower& follower : followers_) world_.time.fire(follower.ticket);
  followers_.clear();
}

void SimEngine::go_down() {
  ++boots_;
  MemoryEngine::go_down();
}

void SimEngine::have_gpus(int count) {
  for (int i = 0; i < 2; ++i) {
    const std::string uuid = "GPU-" + std::to_string(number_) + "-" + std::to_string(i);
    if (i < count) {
      machine.add_gpu(uuid);
    } else {
      machine.lose_gpu(uuid);
    }
  }
}

void SimEngine::come_up() {
  if (!is_swapping_) MemoryEngine::come_up();
}

void SimEngine::replace() {
  if (is_swapping_) return;
  is_swapping_ = true;
  go_down();
  auto swap = [this] {
    machine.swap_disk(spare_);
    is_another_ = !is_another_;
    is_swapping_ = false;
    ++swaps_;
    world_.trace.say("replaced", number_, is_another_);
    come_up();
  };
  world_.time.after(kLastAnswer, swap);
}

}  // namespace berth::sim
