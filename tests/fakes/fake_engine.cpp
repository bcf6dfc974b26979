#include "fakes/fake_engine.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/limits.hpp"
#include "engine/arguments.hpp"

namespace berth::testing {
namespace {

constexpr auto kDeadline = limits::kEngineStart;
constexpr auto kRemovePoll = std::chrono::milliseconds(100);

Error unavailable() {
  return {ErrorCode::kUnavailable, "nobody answers", "connect: connection refused"};
}
Error unknown() { return {ErrorCode::kUnknown, "no answer came in time", {}}; }

}  // namespace

// A timer that never fires: cancelling it ends the stream.
struct FakeEngine::Follower {
  Follower(boost::asio::any_io_executor executor, std::function<void(EngineEvent)> callback)
      : wake(std::move(executor), boost::asio::steady_timer::time_point::max()),
        on_event(std::move(callback)) {}
  boost::asio::steady_timer wake;
  std::function<void(EngineEvent)> on_event;
  bool ended = false;
};

FakeEngine::FakeEngine(const Clock& clock, Timers& timers, FakeMachineOptions options)
    : machine(clock, std::move(options)), timers_(timers) {
  machine.on_event = [this](const EngineEvent& event) { tell(event); };
}

FakeEngine::~FakeEngine() = default;

template <class T>
Result<T> FakeEngine::conclude(Fault::Kind kind, const std::string& words,
                               const std::function<Result<T>()>& work) {
  switch (kind) {
    case Fault::Kind::kNone:
      return work();
    case Fault::Kind::kNever:
      return std::unexpected(unknown());
    case Fault::Kind::kRefuse:
      return fail(ErrorCode::kRefused, "the engine said no", words);
    case Fault::Kind::kUnavailable:
      return std::unexpected(unavailable());
    case Fault::Kind::kReplyLost:
      (void)work();
      return std::unexpected(unknown());
    case Fault::Kind::kDieBefore:
      go_down();
      return std::unexpected(unknown());
    case Fault::Kind::kDieAfter:
      (void)work();
      go_down();
      return std::unexpected(unknown());
  }
  return std::unexpected(unknown());
}

template <class T>
Task<Result<T>> FakeEngine::perform(std::string call, Result<> checked,
                                    std::function<Result<T>()> work) {
  if (!checked) co_return std::unexpected(checked.error());
  ++calls_[call];
  Fault plan;
  if (fault) plan = fault(call);
  if (plan.kind == Fault::Kind::kNever) plan.delay = kDeadline;
  if (plan.delay.count() > 0) co_await timers_.sleep(plan.delay);
  if (is_down_) co_return std::unexpected(unavailable());
  co_return conclude<T>(plan.kind, plan.words, work);
}

Task<Result<EngineInfo>> FakeEngine::info() {
  return perform<EngineInfo>("info", ok(), [this] { return Result<EngineInfo>(machine.info()); });
}

Task<Result<std::string>> FakeEngine::create(ContainerSpec spec) {
  auto checked = check_spec(spec);
  return perform<std::string>("create", checked,
                              [this, spec = std::move(spec)] { return machine.create(spec); });
}

Task<Result<>> FakeEngine::put_archive(std::string container, std::string path, std::string tar) {
  return perform<void>("put_archive", check_container(container), [this, container, path, tar] {
    return machine.put_archive(container, path, tar);
  });
}

Task<Result<>> FakeEngine::start(std::string container) {
  return perform<void>("start", check_container(container),
                       [this, container] { return machine.start(container); });
}

Task<Result<>> FakeEngine::stop(std::string container, std::chrono::seconds) {
  return perform<void>("stop", check_container(container),
                       [this, container] { return machine.stop(container); });
}

Task<Result<>> FakeEngine::restart(std::string container, std::chrono::seconds) {
  return perform<void>("restart", check_container(container),
                       [this, container] { return machine.restart(container); });
}

Task<Result<>> FakeEngine::unpause(std::string container) {
  return perform<void>("unpause", check_container(container),
                       [this, container] { return machine.unpause(container); });
}

Task<Result<>> FakeEngine::remove(std::string container) {
  return remove_and_wait(std::move(container));
}

Task<Result<>> FakeEngine::remove_and_wait(std::string container) {
  for (std::chrono::milliseconds waited{0};; waited += kRemovePoll) {
    std::function<Result<>()> work = [this, container] { return machine.remove(container); };
    auto removed = co_await perform<void>("remove", check_container(container), std::move(work));
    if (removed || removed.error().code != ErrorCode::kConflict || waited >= kDeadline)
      co_return removed;
    co_await timers_.sleep(kRemovePoll);
  }
}

Task<Result<ContainerSeen>> FakeEngine::inspect(std::string container) {
  return perform<ContainerSeen>("inspect", check_container(container),
                                [this, container] { return machine.inspect(container); });
}

Task<Result<std::vector<ListedContainer>>> FakeEngine::list(std::string label) {
  using All = std::vector<ListedContainer>;
  return perform<All>("list", check_label(label), [this, label] {
    auto all = machine.list(label);
    if (edit_list) edit_list(all);
    return Result<All>(std::move(all));
  });
}

Task<Result<EngineStats>> FakeEngine::stats(std::string container) {
  return perform<EngineStats>("stats", check_container(container),
                              [this, container] { return machine.stats(container); });
}

Task<Result<std::vector<EngineLogLine>>> FakeEngine::logs(std::string container, std::size_t tail) {
  return perform<std::vector<EngineLogLine>>(
      "logs", check_container(container),
      [this, container, tail] { return machine.logs(container, tail); });
}

Task<Result<EngineChanges>> FakeEngine::changes(std::string container) {
  return perform<EngineChanges>("changes", check_container(container),
                                [this, container] { return machine.changes(container); });
}

Task<Result<std::shared_ptr<EngineTerminal>>> FakeEngine::open_terminal(std::string container,
                                                                        TerminalSpec spec) {
  return perform<std::shared_ptr<EngineTerminal>>(
      "open_terminal", check_terminal(container, spec),
      [this, container, spec] { return machine.open_terminal(container, spec.size); });
}

Task<Result<std::string>> FakeEngine::commit(std::string container, std::string tag,
                                             std::vector<std::string> changes) {
  auto checked = check_container(container);
  if (auto name = split_tag(tag); checked && !name) checked = std::unexpected(name.error());
  for (const auto& change : changes) {
    if (checked) checked = check_change(change);
  }
  return perform<std::string>("commit", checked, [this, container, tag, changes] {
    return machine.commit(container, tag, changes);
  });
}

Task<Result<ImageSeen>> FakeEngine::inspect_image(std::string image) {
  return perform<ImageSeen>("inspect_image", check_image(image),
                            [this, image] { return machine.inspect_image(image); });
}

Task<Result<>> FakeEngine::tag_image(std::string image, std::string tag) {
  auto checked = check_image(image);
  if (auto name = split_tag(tag); checked && !name) checked = std::unexpected(name.error());
  return perform<void>("tag_image", checked,
                       [this, image, tag] { return machine.tag_image(image, tag); });
}

Task<Result<>> FakeEngine::remove_image(std::string image) {
  return perform<void>("remove_image", check_image(image),
                       [this, image] { return machine.remove_image(image); });
}

Task<Result<std::vector<std::string>>> FakeEngine::list_images(std::string label) {
  using All = std::vector<std::string>;
  return perform<All>("list_images", check_label(label),
                      [this, label] { return Result<All>(machine.list_images(label)); });
}

Task<Result<>> FakeEngine::follow_events(std::function<void()> on_open,
                                         std::function<void(EngineEvent)> on_event) {
  std::function<Result<>()> nothing = [] { return ok(); };
  auto opened = co_await perform<void>("follow_events", ok(), std::move(nothing));
  if (!opened) co_return opened;
  auto follower =
      std::make_shared<Follower>(co_await boost::asio::this_coro::executor, std::move(on_event));
  followers_.push_back(follower);
  on_open();
  co_await follower->wake.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  follower->ended = true;
  co_return fail(ErrorCode::kUnavailable, "the server ended the stream");
}

void FakeEngine::tell(const EngineEvent& event) {
  std::erase_if(followers_, [](const auto& weak) { return weak.expired(); });
  for (const auto& follower : followers_) {
    boost::asio::post(follower.lock()->wake.get_executor(), [weak = follower, event] {
      if (auto alive = weak.lock(); alive && !alive->ended) alive->on_event(event);
    });
  }
}

// After the events that are on their way.
void FakeEngine::drop_followers() {
  for (const auto& follower : followers_) {
    auto alive = follower.lock();
    if (!alive) continue;
    boost::asio::post(alive->wake.get_executor(), [weak = follower] {
      if (auto still = weak.lock()) still->wake.cancel();
    });
  }
}

void FakeEngine::go_down() {
  is_down_ = true;
  drop_followers();
}

std::size_t FakeEngine::followers() const {
  return static_cast<std::size_t>(std::count_if(followers_.begin(), followers_.end(),
                                                [](const auto& weak) { return !weak.expired(); }));
}

int FakeEngine::calls(std::string_view call) const {
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

int FakeEngine::calls() const {
  int all = 0;
  for (const auto& [name, count] : calls_) all += count;
  return all;
}

}  // namespace berth::testing
