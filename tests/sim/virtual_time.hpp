#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "async/timers.hpp"
#include "base/clock.hpp"
#include "random.hpp"

namespace berth::sim {

// Time and order of one simulated world, in one thread. Whatever is ready runs in an order drawn
// from the seed; when nothing is ready the clock jumps to the next thing that is due. What belongs
// to Berth dies with it; what the world has under way (an engine at work, a person about to ask)
// goes on.
class VirtualTime final : public Clock, public Timers {
 public:
  explicit VirtualTime(Random& random);
  ~VirtualTime() override;

  WallTime now() const override { return from_unix_ms(1'700'000'000'000) + elapsed_; }
  std::chrono::milliseconds steady() const override { return elapsed_; }
  Task<> sleep(std::chrono::milliseconds duration) override;

  // Berth's own executor.
  class Executor;
  boost::asio::any_io_executor executor();

  // The world's own plans.
  void after(std::chrono::milliseconds delay, std::function<void()> event);

  // A coroutine of Berth waits until the world fires its ticket. Each is good for once.
  using Ticket = std::uint64_t;
  Ticket ticket() { return next_ticket_++; }
  Task<> await(Ticket ticket);
  void fire(Ticket ticket);

  // One handler or event; false when nothing will ever happen again.
  bool run_one();

  // kill -9: every coroutine of Berth is gone where it stands. `then` destroys what they stood on.
  void end_berth(const std::function<void()>& then);

 private:
  using Handler = std::move_only_function<void()>;
  struct Ready {
    Handler run;
    bool is_berths = false;
  };
  // Its handlers can be destroyed before the objects that their timers belong to.
  struct Context : boost::asio::io_context {
    Context() : io_context(1) {}
    void destroy_handlers() { shutdown(); }
  };

  void execute(Handler handler);
  void drop_ready();
  bool advance();

  Random& random_;
  std::chrono::milliseconds elapsed_{0};
  std::unique_ptr<Context> context_;
  std::vector<Ready> ready_;
  std::map<std::pair<std::chrono::milliseconds, std::uint64_t>, std::function<void()>> due_;
  std::uint64_t next_due_ = 0;
  std::map<Ticket, std::optional<Handler>> tickets_;  // nothing yet: fired before anybody waited
  Ticket next_ticket_ = 1;
  Ticket first_ticket_ = 1;  // of this life of Berth
};

}  // namespace berth::sim
