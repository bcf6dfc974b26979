#include "virtual_time.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace berth::sim {

namespace asio = boost::asio;

// The least that any_io_executor asks for. Timers of src/async find their service in the context;
// what they wake comes here like all the rest.
class VirtualTime::Executor {
 public:
  explicit Executor(VirtualTime& time) : time_(&time) {}

  asio::execution_context& query(asio::execution::context_t) const noexcept {
    return *time_->context_;
  }
  static constexpr asio::execution::blocking_t query(asio::execution::blocking_t) noexcept {
    return asio::execution::blocking.never;
  }
  template <class Function>
  void execute(Function function) const {
    time_->execute([function = std::move(function)]() mutable { std::move(function)(); });
  }
  bool operator==(const Executor&) const noexcept = default;

 private:
  VirtualTime* time_;
};

VirtualTime::VirtualTime(Random& random) : random_(random), context_(std::make_unique<Context>()) {}
VirtualTime::~VirtualTime() {
  end_berth([] {});
}

asio::any_io_executor VirtualTime::executor() { return Executor(*this); }

void VirtualTime::execute(Handler handler) { ready_.push_back({std::move(handler), true}); }

void VirtualTime::after(std::chrono::milliseconds delay, std::function<void()> event) {
  due_.emplace(std::pair(elapsed_ + delay, next_due_++), std::move(event));
}

Task<> VirtualTime::sleep(std::chrono::milliseconds duration) {
  const Ticket mine = ticket();
  after(duration, [this, mine] { fire(mine); });
  co_await await(mine);
}

Task<> VirtualTime::await(Ticket ticket) {
  if (tickets_.erase(ticket) > 0) co_return;
  auto wait = [this, ticket](auto handler) {
    tickets_.emplace(ticket, Handler(std::move(handler)));
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(std::move(wait),
                                                                       asio::use_awaitable);
}

void VirtualTime::fire(Ticket ticket) {
  if (ticket < first_ticket_) return;  // whoever waited is dead
  auto [entry, is_early] = tickets_.try_emplace(ticket);
  if (is_early) return;
  execute(std::move(*entry->second));
  tickets_.erase(entry);
}

bool VirtualTime::advance() {
  if (due_.empty()) return false;
  elapsed_ = std::max(elapsed_, due_.begin()->first.first);
  while (!due_.empty() && due_.begin()->first.first <= elapsed_) {
    ready_.push_back({Handler(std::move(due_.begin()->second)), false});
    due_.erase(due_.begin());
  }
  return true;
}

bool VirtualTime::run_one() {
  context_->restart();
  context_->poll();  // cancelled timers, which is how locks wake the next: they only post to ready_
  if (ready_.empty() && !advance()) return false;
  std::swap(ready_[random_.below(ready_.size())], ready_.back());
  Ready chosen = std::move(ready_.back());
  ready_.pop_back();
  chosen.run();
  return true;
}

void VirtualTime::drop_ready() {
  std::vector<Ready> kept;
  while (!ready_.empty()) {  // what is destroyed may post more
    std::vector<Ready> all = std::exchange(ready_, {});
    for (Ready& each : all) {
      if (!each.is_berths) kept.push_back(std::move(each));
    }
  }
  ready_ = std::move(kept);
}

void VirtualTime::end_berth(const std::function<void()>& then) {
  first_ticket_ = next_ticket_;
  auto waiting = std::exchange(tickets_, {});
  waiting.clear();
  drop_ready();
  context_->destroy_handlers();
  drop_ready();
  then();
  context_ = std::make_unique<Context>();
}

}  // namespace berth::sim
