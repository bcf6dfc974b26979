#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/timers.hpp"
#include "fakes/fake_machine.hpp"

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

// An engine in memory that keeps the promises of dockerd 20.10, faults included. One thread;
// deterministic when its Timers and its executor are. Events come later, on the follower's
// executor, as they do from a real one.
class FakeEngine final : public Engine {
 public:
  FakeEngine(const Clock& clock, Timers& timers, FakeMachineOptions options = {});
  ~FakeEngine() override;

  Task<Result<EngineInfo>> info() override;
  Task<Result<std::string>> create(ContainerSpec spec) override;
  Task<Result<>> put_archive(std::string container, std::string path, std::string tar) override;
  Task<Result<>> start(std::string container) override;
  Task<Result<>> stop(std::string container, std::chrono::seconds grace) override;
  Task<Result<>> restart(std::string container, std::chrono::seconds grace) override;
  Task<Result<>> unpause(std::string container) override;
  Task<Result<>> remove(std::string container) override;
  Task<Result<ContainerSeen>> inspect(std::string container) override;
  Task<Result<std::vector<ListedContainer>>> list(std::string label) override;
  Task<Result<EngineStats>> stats(std::string container) override;
  Task<Result<std::vector<EngineLogLine>>> logs(std::string container, std::size_t tail) override;
  Task<Result<EngineChanges>> changes(std::string container) override;
  Task<Result<std::shared_ptr<EngineTerminal>>> open_terminal(std::string container,
                                                              TerminalSpec spec) override;
  Task<Result<std::string>> commit(std::string container, std::string tag,
                                   std::vector<std::string> changes) override;
  Task<Result<ImageSeen>> inspect_image(std::string image) override;
  Task<Result<>> tag_image(std::string image, std::string tag) override;
  Task<Result<>> remove_image(std::string image) override;
  Task<Result<std::vector<std::string>>> list_images(std::string label) override;
  Task<Result<>> follow_events(std::function<void()> on_open,
                               std::function<void(EngineEvent)> on_event) override;

  // Asked before each call, with its name ("create", "start", ...).
  std::function<Fault(std::string_view call)> fault;
  // Changes what a listing says: truncated, stale, empty.
  std::function<void(std::vector<ListedContainer>&)> edit_list;
  FakeMachine machine;

  // By hand, as an admin at the machine would.
  void kill_behind_our_back(const std::string& container) { machine.exit(container, 137); }
  void pause_behind_our_back(const std::string& container) { machine.pause(container); }
  void remove_behind_our_back(const std::string& container) { (void)machine.remove(container); }

  // Nobody answers; followers' streams end.
  void go_down();
  void come_up() { is_down_ = false; }
  bool is_down() const { return is_down_; }
  // Followers' streams end and the engine goes on: a lost connection.
  void drop_followers();
  std::size_t followers() const;

  int calls(std::string_view call) const;
  int calls() const;

 private:
  struct Follower;

  template <class T>
  Task<Result<T>> perform(std::string call, Result<> checked, std::function<Result<T>()> work);
  template <class T>
  Result<T> conclude(Fault::Kind kind, const std::string& words,
                     const std::function<Result<T>()>& work);
  Task<Result<>> remove_and_wait(std::string container);
  void tell(const EngineEvent& event);

  Timers& timers_;
  bool is_down_ = false;
  std::map<std::string, int, std::less<>> calls_;
  std::vector<std::weak_ptr<Follower>> followers_;  // each lives in the coroutine that follows
};

}  // namespace berth::testing
