#include "sim_engine.hpp"

#include <algorithm>
#include <optional>

#include "base/limits.hpp"
#include "engine/arguments.hpp"
#include "world.hpp"

namespace berth::sim {
namespace {

using std::chrono::milliseconds;
constexpr auto kRemovePoll = milliseconds(100);

Error unavailable() {
  return {ErrorCode::kUnavailable, "nobody answers", "connect: connection refused"};
}
Error unknown() { return {ErrorCode::kUnknown, "no answer came in time", {}}; }

}  // namespace

template <class T>
struct SimEngine::Reply {
  VirtualTime::Ticket ticket;
  const char* call;
  std::string subject;
  int boots;
  bool is_answered = false;
  Result<T> result = std::unexpected(unknown());
};

SimEngine::SimEngine(World& world, int number, testing::FakeMachineOptions options)
    : machine(world.time, std::move(options)), world_(world), number_(number) {
  machine.on_event = [this](const EngineEvent& event) { tell(event); };
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

template <class T>
void SimEngine::answer(std::shared_ptr<Reply<T>> reply, Result<T> result) {
  if (reply->is_answered) return;
  reply->is_answered = true;
  reply->result = std::move(result);
  world_.time.fire(reply->ticket);
}

// At the engine, when the call's turn has come.
template <class T>
void SimEngine::take_up(std::shared_ptr<Reply<T>> reply, Fate fate, const Call& call,
                        const std::function<Result<T>()>& work) {
  const bool is_heard = !is_down_ && reply->boots == boots_;
  if (!call.begin || !is_heard || fate == Fate::kRefused) return carry_out<T>(reply, fate, work);
  call.begin();
  auto finish = [this, reply, fate, work] { carry_out<T>(reply, fate, work); };
  world_.time.after(call.lasts, std::move(finish));
}

template <class T>
void SimEngine::carry_out(std::shared_ptr<Reply<T>> reply, Fate fate,
                          const std::function<Result<T>()>& work) {
  --under_way_;
  if (is_down_ || reply->boots != boots_) return answer<T>(reply, std::unexpected(unknown()));
  Result<T> result = std::unexpected(unknown());
  if (fate == Fate::kRefused) {
    result = fail(ErrorCode::kRefused, "the engine said no", "the engine is out of sorts");
  } else {
    auto done = work();
    if (fate == Fate::kDone) result = std::move(done);
  }
  world_.trace.say(
      "engine", number_, reply->call, reply->subject, static_cast<int>(fate),
      result ? std::string("ok") : result.error().message + " " + result.error().details);
  auto reached = [this, reply, result] { answer<T>(reply, result); };
  world_.time.after(draw_delay() / 4, reached);
}

template <class T>
Task<Result<T>> SimEngine::perform(Call call, Result<> checked, std::function<Result<T>()> work) {
  if (!checked) co_return std::unexpected(checked.error());
  co_await world_.boundary(call.name, Boundary::kBefore);
  const Fate fate = draw_fate();
  if (is_down_ || fate == Fate::kUnavailable) {
    co_await world_.time.sleep(draw_delay() / 4);
    co_return std::unexpected(unavailable());
  }
  auto reply = std::make_shared<Reply<T>>(world_.time.ticket(), call.name, call.turn, boots_);
  const auto now = world_.time.steady();
  if (fate != Fate::kNever) {
    auto due = now + draw_delay();
    if (fate == Fate::kLate) (call.begin ? call.lasts : due) += call.patience;
    if (!call.turn.empty()) {
      auto& last = turns_[call.turn];
      due = last = std::max(due, last + milliseconds(1));
    }
    auto event = [this, reply, fate, call, work = std::move(work)] {
      take_up<T>(reply, fate, call, work);
    };
    ++under_way_;
    world_.time.after(due - now, std::move(event));
  }
  const bool is_lost = fate == Fate::kNever;
  if (is_lost) ++under_way_;  // for Berth it is
  auto give_up = [this, reply, is_lost] {
    if (is_lost) --under_way_;
    answer<T>(reply, std::unexpected(unknown()));
  };
  world_.time.after(call.patience, std::move(give_up));
  co_await world_.time.await(reply->ticket);
  co_await world_.boundary(call.name, Boundary::kAfter);
  co_return reply->result;
}

Task<Result<>> SimEngine::perform_start(Call call, std::function<Result<>()> work) {
  world_.truths.start_sent(did, call.turn);
  auto started = co_await perform<void>(call, check_container(call.turn), std::move(work));
  const bool is_clear = !started && started.error().code != ErrorCode::kUnknown;
  if (is_clear) world_.truths.start_refused(did, call.turn);
  co_return started;
}

Task<Result<EngineInfo>> SimEngine::info() {
  std::function<Result<EngineInfo>()> work = [this] { return Result<EngineInfo>(machine.info()); };
  return perform<EngineInfo>({"info", "", limits::kEngineRead}, ok(), std::move(work));
}

Task<Result<std::string>> SimEngine::create(ContainerSpec spec) {
  auto checked = check_spec(spec);
  const std::string name = spec.name;
  std::function<Result<std::string>()> work = [this, spec = std::move(spec)] {
    auto made = machine.create(spec);
    if (made) {
      world_.truths.created(spec);
      files_[*made] = file(machine.find(*made)->image_id);
    }
    return made;
  };
  return perform<std::string>({"create", name, limits::kEngineCreate}, checked, std::move(work));
}

Task<Result<>> SimEngine::put_archive(std::string container, std::string path, std::string tar) {
  std::function<Result<>()> work = [this, container, path, tar] {
    auto put = machine.put_archive(container, path, tar);
    if (put) world_.truths.uploaded(*machine.find(container), tar);
    return put;
  };
  return perform<void>({"put_archive", container, limits::kEngineCreate},
                       check_container(container), std::move(work));
}

Task<Result<>> SimEngine::start(std::string container) {
  std::function<Result<>()> work = [this, container] { return machine.start(container); };
  return perform_start({"start", container, limits::kEngineStart}, std::move(work));
}

Task<Result<>> SimEngine::stop(std::string container, std::chrono::seconds grace) {
  std::function<Result<>()> work = [this, container] { return machine.stop(container); };
  return perform<void>({"stop", container, grace + limits::kEngineRead}, check_container(container),
                       std::move(work));
}

Task<Result<>> SimEngine::restart(std::string container, std::chrono::seconds grace) {
  std::function<Result<>()> work = [this, container] { return machine.restart(container); };
  return perform_start({"restart", container, grace + limits::kEngineStart}, std::move(work));
}

Task<Result<>> SimEngine::unpause(std::string container) {
  std::function<Result<>()> work = [this, container] { return machine.unpause(container); };
  return perform_start({"unpause", container, limits::kEngineRead}, std::move(work));
}

// As the real client does: a removal that is under way already is waited for.
Task<Result<>> SimEngine::remove(std::string container) {
  const Call call{"remove", container, limits::kEngineStart};
  for (milliseconds waited{0};; waited += kRemovePoll) {
    std::function<Result<>()> work = [this, container] { return machine.remove(container); };
    auto removed = co_await perform<void>(call, check_container(container), std::move(work));
    if (removed || removed.error().code != ErrorCode::kConflict || waited >= limits::kEngineStart)
      co_return removed;
    co_await world_.time.sleep(kRemovePoll);
  }
}

Task<Result<ContainerSeen>> SimEngine::inspect(std::string container) {
  std::function<Result<ContainerSeen>()> work = [this, container] {
    return machine.inspect(container);
  };
  const Call call{"inspect", container, limits::kEngineRead};
  auto seen = co_await perform<ContainerSeen>(call, check_container(container), std::move(work));
  if (seen) world_.truths.told(did, container, *seen);
  if (!seen && seen.error().code == ErrorCode::kNotFound)
    world_.truths.told(did, container, std::nullopt);
  co_return seen;
}

Task<Result<std::vector<ListedContainer>>> SimEngine::list(std::string label) {
  using All = std::vector<ListedContainer>;
  std::function<Result<All>()> work = [this, label] {
    All all = machine.list(label);
    edit(all);
    return Result<All>(std::move(all));
  };
  return perform<All>({"list", "", limits::kEngineRead}, check_label(label), std::move(work));
}

// An engine that comes up, or is under load, has been seen to tell less than it has, or what it
// had.
void SimEngine::edit(std::vector<ListedContainer>& listed) {
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

Task<Result<EngineStats>> SimEngine::stats(std::string container) {
  std::function<Result<EngineStats>()> work = [this, container] {
    return machine.stats(container);
  };
  return perform<EngineStats>({"stats", "", limits::kEngineRead}, check_container(container),
                              std::move(work));
}

Task<Result<std::vector<EngineLogLine>>> SimEngine::logs(std::string container, std::size_t tail) {
  using Lines = std::vector<EngineLogLine>;
  std::function<Result<Lines>()> work = [this, container, tail] {
    return machine.logs(container, tail);
  };
  return perform<Lines>({"logs", "", limits::kEngineRead}, check_container(container),
                        std::move(work));
}

Task<Result<EngineChanges>> SimEngine::changes(std::string container) {
  std::function<Result<EngineChanges>()> work = [this, container] {
    return machine.changes(container);
  };
  return perform<EngineChanges>({"changes", "", limits::kEngineRead}, check_container(container),
                                std::move(work));
}

// A running container is paused for as long as the copying takes.
Task<Result<std::shared_ptr<EngineTerminal>>> SimEngine::open_terminal(std::string container,
                                                                       TerminalSpec spec) {
  using Terminal = std::shared_ptr<EngineTerminal>;
  std::function<Result<Terminal>()> work = [this, container, size = spec.size] {
    return machine.open_terminal(container, size);
  };
  const Call call{"open_terminal", "", limits::kEngineStart};
  return perform<Terminal>(call, check_terminal(container, spec), std::move(work));
}

Task<Result<std::string>> SimEngine::commit(std::string container, std::string tag,
                                            std::vector<std::string> changes) {
  auto checked = check_container(container);
  if (auto name = split_tag(tag); checked && !name) checked = std::unexpected(name.error());
  auto paused = std::make_shared<bool>(false);
  std::function<void()> begin = [this, container, paused] {
    const auto* found = machine.find(container);
    if (found == nullptr || found->state != EngineState::kRunning) return;
    machine.pause(container);
    *paused = true;
  };
  std::function<Result<std::string>()> work = [this, container, tag, changes, paused] {
    auto saved = machine.commit(container, tag, changes);
    if (saved) files_[*saved] = file(machine.find(container)->id);
    if (*paused) (void)machine.unpause(container);
    return saved;
  };
  return perform<std::string>({"commit", container, limits::kEngineCommit, begin, draw_delay()},
                              checked, std::move(work));
}

Task<Result<ImageSeen>> SimEngine::inspect_image(std::string image) {
  std::function<Result<ImageSeen>()> work = [this, image] { return machine.inspect_image(image); };
  const Call call{"inspect_image", image, limits::kEngineRead};
  auto seen = co_await perform<ImageSeen>(call, check_image(image), std::move(work));
  if (seen) world_.truths.told_image(did, image, false);
  if (!seen && seen.error().code == ErrorCode::kNotFound)
    world_.truths.told_image(did, image, true);
  co_return seen;
}

Task<Result<>> SimEngine::tag_image(std::string image, std::string tag) {
  std::function<Result<>()> work = [this, image, tag] { return machine.tag_image(image, tag); };
  return perform<void>({"tag_image", image, limits::kEngineRead}, check_image(image),
                       std::move(work));
}

Task<Result<>> SimEngine::remove_image(std::string image) {
  std::function<Result<>()> work = [this, image] { return machine.remove_image(image); };
  const Call call{"remove_image", image, limits::kEngineStart};
  auto removed = co_await perform<void>(call, check_image(image), std::move(work));
  const bool is_gone = removed || removed.error().code == ErrorCode::kNotFound;
  if (is_gone || removed.error().code == ErrorCode::kConflict ||
      removed.error().code == ErrorCode::kRefused) {
    world_.truths.told_image(did, image, is_gone);
  }
  co_return removed;
}

Task<Result<std::vector<std::string>>> SimEngine::list_images(std::string label) {
  using All = std::vector<std::string>;
  std::function<Result<All>()> work = [this, label] {
    return Result<All>(machine.list_images(label));
  };
  return perform<All>({"list_images", "", limits::kEngineRead}, check_label(label),
                      std::move(work));
}

Task<Result<>> SimEngine::follow_events(std::function<void()> on_open,
                                        std::function<void(EngineEvent)> on_event) {
  std::function<Result<>()> nothing = [] { return ok(); };
  const Call call{"follow_events", "", limits::kEngineRead};
  auto opened = co_await perform<void>(call, ok(), std::move(nothing));
  if (!opened) co_return opened;
  if (is_down_) co_return std::unexpected(unavailable());
  const auto ticket = world_.time.ticket();
  followers_.push_back({ticket, std::move(on_event)});
  on_open();
  co_await world_.time.await(ticket);
  co_return fail(ErrorCode::kUnavailable, "the server ended the stream");
}

void SimEngine::tell(const EngineEvent& event) {
  if (event.action == "start") {
    if (const auto* container = machine.find(event.id))
      world_.truths.started(did, machine, *container);
  }
  world_.happened(did, event);
  if (is_down_ || followers_.empty() || world_.random.chance(rates.event_lost)) return;
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
  is_down_ = true;
  ++boots_;
  drop_followers();
}

}  // namespace berth::sim
