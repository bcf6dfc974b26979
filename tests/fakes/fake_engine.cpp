#include "fakes/fake_engine.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/limits.hpp"

namespace berth::testing {

FakeEngine::FakeEngine(const Clock& clock, Timers& timers, memory::MachineOptions options)
    : MemoryEngine(clock, timers, std::move(options)), timers_(timers) {}

Result<> FakeEngine::conclude(const Fault& plan, const std::function<Result<>()>& work) {
  switch (plan.kind) {
    case Fault::Kind::kNone:
      return work();
    case Fault::Kind::kNever:
      return std::unexpected(unknown());
    case Fault::Kind::kRefuse:
      return fail(ErrorCode::kRefused, "the engine said no", plan.words);
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

Task<Result<>> FakeEngine::conduct(Call call, std::function<Result<>()> work) {
  ++calls_[call.name];
  Fault plan;
  if (fault) plan = fault(call.name);
  if (plan.kind == Fault::Kind::kNever) plan.delay = limits::kEngineStart;
  if (plan.delay.count() > 0) co_await timers_.sleep(plan.delay);
  if (hangs.contains(call.turn)) {
    co_await hang();
    co_return std::unexpected(unknown());
  }
  if (is_down()) co_return std::unexpected(unavailable());
  co_return conclude(plan, work);
}

Task<> FakeEngine::hang() {
  const auto end = boost::asio::steady_timer::time_point::max();
  auto timer = std::make_shared<boost::asio::steady_timer>(
      co_await boost::asio::this_coro::executor, end);
  hanging_.push_back(timer);
  co_await timer->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

void FakeEngine::end_hanging() {
  hangs.clear();
  for (const auto& timer : std::exchange(hanging_, {})) timer->cancel();
}

void FakeEngine::edit_listing(std::vector<ListedContainer>& listed) {
  if (edit_list) edit_list(listed);
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
