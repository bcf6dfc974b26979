#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/memory/memory_engine.hpp"
#include "engine/memory/memory_terminal.hpp"  // for tests that look into its containers

namespace berth::testing {

// What goes wrong with one call. `delay` comes first, whatever the kind, on the engine's Timers.
struct Fault {
  enum class Kind {
    kNone,
    kNever,        // no answer until the deadline; not done
    kRefuse,       // the engine says no, in `words`; not done
    kUnavailable,  // nobody answers; not sent
    kReplyLost,    // done, and the answer is lost
    kDieBefore,    // the engine goes down; not done
    kDieAfter,     // done, then the engine goes down
  };
  Kind kind = Kind::kNone;
  std::chrono::milliseconds delay{0};
  std::string words = "the engine is out of sorts";
};

// The engine in memory, with faults: every call is done at once, or goes wrong as it is told to.
class FakeEngine final : public memory::MemoryEngine {
 public:
  FakeEngine(const Clock& clock, Timers& timers, memory::MachineOptions options = {});

  // Asked before each call, with its name ("create", "start", ...).
  std::function<Fault(std::string_view call)> fault;
  // Changes what a listing says: truncated, stale, empty.
  std::function<void(std::vector<ListedContainer>&)> edit_list;

  // By hand, as an admin at the machine would.
  void kill_behind_our_back(const std::string& container) { machine.exit(container, 137); }
  void pause_behind_our_back(const std::string& container) { machine.pause(container); }
  void remove_behind_our_back(const std::string& container) { (void)machine.remove(container); }

  int calls(std::string_view call) const;
  int calls() const;
  // Containers about which nothing is answered until `end_hanging`, nor done.
  std::set<std::string> hangs;
  std::size_t hanging() const { return hanging_.size(); }
  void end_hanging();  // as their deadlines do

 protected:
  Task<Result<>> conduct(Call call, std::function<Result<>()> work) override;
  void edit_listing(std::vector<ListedContainer>& listed) override;

 private:
  Result<> conclude(const Fault& plan, const std::function<Result<>()>& work);

  Task<> hang();

  Timers& timers_;
  std::vector<std::shared_ptr<boost::asio::steady_timer>> hanging_;  // cancelled at the end
  std::map<std::string, int, std::less<>> calls_;
};

}  // namespace berth::testing
