#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/timers.hpp"
#include "engine/engine.hpp"
#include "engine/memory/machine.hpp"

namespace berth::memory {

// An engine in memory that keeps the promises of dockerd 20.10. One thread; deterministic when its
// Timers and its executor are. What becomes of a call (when it is done, whether, and whether the
// answer arrives) is for who derives from it: tests, the simulation, the demo. Events come later,
// on the follower's executor, as they do from a real one.
class MemoryEngine : public Engine {
 public:
  MemoryEngine(const Clock& clock, Timers& timers, MachineOptions options);
  ~MemoryEngine() override;

  Task<Result<EngineInfo>> info() override;
  Task<Result<std::string>> create(ContainerSpec spec) override;
  Task<Result<>> put_archive(std::string container, std::string path, std::string tar) override;
  Task<Result<>> start(std::string container) override;
  Task<Result<>> stop(std::string container, std::chrono::seconds grace) override;
  Task<Result<>> restart(std::string container, std::chrono::seconds grace) override;
  Task<Result<>> unpause(std::string container) override;
  Task<Result<Removed>> remove(std::string container) override;
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

  // Nobody answers; followers' streams end.
  virtual void go_down();
  void come_up() { is_down_ = false; }
  bool is_down() const { return is_down_; }
  // Followers' streams end and the engine goes on: a lost connection.
  virtual void drop_followers();
  std::size_t followers() const;

  Machine machine;

 protected:
  struct Call {
    const char* name;  // "create", "start", ...
    std::string turn;  // dockerd takes calls with the same word one after the other; empty: none
    std::chrono::milliseconds patience;  // of the real client
    std::function<void()> begin{};       // what shows at once of a call that takes long
  };

  // Does `work`, at once or later, once or never, and gives its outcome or an error of its own.
  // `ok` only when the work was done and was ok.
  virtual Task<Result<>> conduct(Call call, std::function<Result<>()> work) = 0;
  virtual void edit_listing(std::vector<ListedContainer>&) {}
  virtual void tell(const EngineEvent& event);

  static Error unavailable();  // nobody answers
  static Error unknown();      // no answer came

 private:
  struct Follower;
  template <class T>
  Task<Result<T>> perform(Call call, Result<> checked, std::function<Result<T>()> work);

  Timers& timers_;
  bool is_down_ = false;
  std::vector<std::weak_ptr<Follower>> followers_;  // each lives in the coroutine that follows
};

}  // namespace berth::memory
