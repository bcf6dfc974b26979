#include "engine/memory/memory_engine.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "base/limits.hpp"
#include "engine/arguments.hpp"

namespace berth::memory {
namespace {

constexpr auto kRemovePoll = std::chrono::milliseconds(100);

}  // namespace

// A timer that never fires: cancelling it ends the stream.
struct MemoryEngine::Follower {
  Follower(boost::asio::any_io_executor executor, std::function<void(EngineEvent)> callback)
      : wake(std::move(executor), boost::asio::steady_timer::time_point::max()),
        on_event(std::move(callback)) {}
  boost::asio::steady_timer wake;
  std::function<void(EngineEvent)> on_event;
  bool ended = false;
};

MemoryEngine::MemoryEngine(const Clock& clock, Timers& timers, MachineOptions options)
    : machine(clock, std::move(options)), timers_(timers) {
  machine.on_event = [this](const EngineEvent& event) { tell(event); };
}

MemoryEngine::~MemoryEngine() = default;

Error MemoryEngine::unavailable() {
  return {ErrorCode::kUnavailable, "nobody answers", "connect: connection refused"};
}

Error MemoryEngine::unknown() { return {ErrorCode::kUnknown, "no answer came in time", {}}; }

// The answer lives as long as the work, which may be done after nobody waits for it any more.
template <class T>
Task<Result<T>> MemoryEngine::perform(Call call, Result<> checked,
                                      std::function<Result<T>()> work) {
  if (!checked) co_return std::unexpected(checked.error());
  auto answer = std::make_shared<std::optional<Result<T>>>();
  std::function<Result<>()> whole = [answer, work = std::move(work)]() -> Result<> {
    answer->emplace(work());
    if (!**answer) return std::unexpected((*answer)->error());
    return ok();
  };
  auto done = co_await conduct(std::move(call), std::move(whole));
  if (!done) co_return std::unexpected(done.error());
  co_return std::move(**answer);
}

Task<Result<EngineInfo>> MemoryEngine::info() {
  return perform<EngineInfo>({"info", "", limits::kEngineRead}, ok(),
                             [this] { return Result<EngineInfo>(machine.info()); });
}

Task<Result<std::string>> MemoryEngine::create(ContainerSpec spec) {
  auto checked = check_spec(spec);
  const Call call{"create", spec.name, limits::kEngineCreate};
  return perform<std::string>(call, checked,
                              [this, spec = std::move(spec)] { return machine.create(spec); });
}

Task<Result<>> MemoryEngine::put_archive(std::string container, std::string path, std::string tar) {
  return perform<void>(
      {"put_archive", container, limits::kEngineCreate}, check_container(container),
      [this, container, path, tar] { return machine.put_archive(container, path, tar); });
}

Task<Result<>> MemoryEngine::start(std::string container) {
  return perform<void>({"start", container, limits::kEngineStart}, check_container(container),
                       [this, container] { return machine.start(container); });
}

Task<Result<>> MemoryEngine::stop(std::string container, std::chrono::seconds grace) {
  return perform<void>({"stop", container, grace + limits::kEngineRead}, check_container(container),
                       [this, container] { return machine.stop(container); });
}

Task<Result<>> MemoryEngine::restart(std::string container, std::chrono::seconds grace) {
  return perform<void>({"restart", container, grace + limits::kEngineStart},
                       check_container(container),
                       [this, container] { return machine.restart(container); });
}

Task<Result<>> MemoryEngine::unpause(std::string container) {
  return perform<void>({"unpause", container, limits::kEngineRead}, check_container(container),
                       [this, container] { return machine.unpause(container); });
}

// As the real client does: a removal that is under way already is waited for.
Task<Result<Removed>> MemoryEngine::remove(std::string container) {
  const Call call{"remove", container, limits::kEngineStart};
  for (std::chrono::milliseconds waited{0};; waited += kRemovePoll) {
    std::function<Result<Removed>()> work = [this, container] { return machine.remove(container); };
    auto removed = co_await perform<Removed>(call, check_container(container), std::move(work));
    if (removed || removed.error().code != ErrorCode::kConflict || waited >= limits::kEngineStart)
      co_return removed;
    co_await timers_.sleep(kRemovePoll);
  }
}

Task<Result<ContainerSeen>> MemoryEngine::inspect(std::string container) {
  return perform<ContainerSeen>({"inspect", container, limits::kEngineRead},
                                check_container(container),
                                [this, container] { return machine.inspect(container); });
}

Task<Result<std::vector<ListedContainer>>> MemoryEngine::list(std::string label) {
  using All = std::vector<ListedContainer>;
  return perform<All>({"list", "", limits::kEngineRead}, check_label(label), [this, label] {
    auto all = machine.list(label);
    edit_listing(all);
    return Result<All>(std::move(all));
  });
}

Task<Result<EngineStats>> MemoryEngine::stats(std::string container) {
  return perform<EngineStats>({"stats", "", limits::kEngineRead}, check_container(container),
                              [this, container] { return machine.stats(container); });
}

Task<Result<std::vector<EngineLogLine>>> MemoryEngine::logs(std::string container,
                                                            std::size_t tail) {
  return perform<std::vector<EngineLogLine>>(
      {"logs", "", limits::kEngineRead}, check_container(container),
      [this, container, tail] { return machine.logs(container, tail); });
}

Task<Result<EngineChanges>> MemoryEngine::changes(std::string container) {
  return perform<EngineChanges>({"changes", "", limits::kEngineRead}, check_container(container),
                                [this, container] { return machine.changes(container); });
}

Task<Result<std::shared_ptr<EngineTerminal>>> MemoryEngine::open_terminal(std::string container,
                                                                          TerminalSpec spec) {
  using Terminal = std::shared_ptr<EngineTerminal>;
  auto checked = check_terminal(container, spec);
  return perform<Terminal>(
      {"open_terminal", "", limits::kEngineStart}, checked,
      [this, container, size = spec.size] { return machine.open_terminal(container, size); });
}

// A running container is paused for as long as the copying takes.
Task<Result<std::string>> MemoryEngine::commit(std::string container, std::string tag,
                                               std::vector<std::string> changes) {
  auto checked = check_container(container);
  if (auto name = split_tag(tag); checked && !name) checked = std::unexpected(name.error());
  for (const auto& change : changes) {
    if (checked) checked = check_change(change);
  }
  auto paused = std::make_shared<bool>(false);
  std::function<void()> begin = [this, container, paused] {
    const auto* found = machine.find(container);
    if (found == nullptr || found->state != EngineState::kRunning) return;
    machine.pause(container);
    *paused = true;
  };
  return perform<std::string>({"commit", container, limits::kEngineCommit, std::move(begin)},
                              checked, [this, container, tag, changes, paused] {
                                auto saved = machine.commit(container, tag, changes);
                                if (*paused) (void)machine.unpause(container);
                                return saved;
                              });
}

Task<Result<ImageSeen>> MemoryEngine::inspect_image(std::string image) {
  return perform<ImageSeen>({"inspect_image", image, limits::kEngineRead}, check_image(image),
                            [this, image] { return machine.inspect_image(image); });
}

Task<Result<>> MemoryEngine::tag_image(std::string image, std::string tag) {
  auto checked = check_image(image);
  if (auto name = split_tag(tag); checked && !name) checked = std::unexpected(name.error());
  return perform<void>({"tag_image", image, limits::kEngineRead}, checked,
                       [this, image, tag] { return machine.tag_image(image, tag); });
}

Task<Result<>> MemoryEngine::remove_image(std::string image) {
  return perform<void>({"remove_image", image, limits::kEngineStart}, check_image(image),
                       [this, image] { return machine.remove_image(image); });
}

Task<Result<std::vector<std::string>>> MemoryEngine::list_images(std::string label) {
  using All = std::vector<std::string>;
  return perform<All>({"list_images", "", limits::kEngineRead}, check_label(label),
                      [this, label] { return Result<All>(machine.list_images(label)); });
}

Task<Result<>> MemoryEngine::follow_events(std::function<void()> on_open,
                                           std::function<void(EngineEvent)> on_event) {
  std::function<Result<>()> nothing = [] { return ok(); };
  const Call call{"follow_events", "", limits::kEngineRead};
  auto opened = co_await perform<void>(call, ok(), std::move(nothing));
  if (!opened) co_return opened;
  if (is_down_) co_return std::unexpected(unavailable());
  auto follower =
      std::make_shared<Follower>(co_await boost::asio::this_coro::executor, std::move(on_event));
  followers_.push_back(follower);
  on_open();
  co_await follower->wake.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  follower->ended = true;
  co_return fail(ErrorCode::kUnavailable, "the server ended the stream");
}

void MemoryEngine::tell(const EngineEvent& event) {
  std::erase_if(followers_, [](const auto& weak) { return weak.expired(); });
  for (const auto& follower : followers_) {
    boost::asio::post(follower.lock()->wake.get_executor(), [weak = follower, event] {
      if (auto alive = weak.lock(); alive && !alive->ended) alive->on_event(event);
    });
  }
}

// After the events that are on their way.
void MemoryEngine::drop_followers() {
  for (const auto& follower : followers_) {
    auto alive = follower.lock();
    if (!alive) continue;
    boost::asio::post(alive->wake.get_executor(), [weak = follower] {
      if (auto still = weak.lock()) still->wake.cancel();
    });
  }
}

void MemoryEngine::go_down() {
  is_down_ = true;
  drop_followers();
}

std::size_t MemoryEngine::followers() const {
  return static_cast<std::size_t>(std::count_if(followers_.begin(), followers_.end(),
                                                [](const auto& weak) { return !weak.expired(); }));
}

}  // namespace berth::memory
