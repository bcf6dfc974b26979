#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "engine/engine.hpp"
#include "fakes/fake_machine.hpp"
#include "random.hpp"

namespace berth::sim {

class World;

// How often a call goes wrong, drawn once a seed.
struct Rates {
  double reply_lost = 0;   // done, and the answer never comes
  double refused = 0;      // the engine says no
  double never = 0;        // neither done nor answered
  double late = 0;         // done long after Berth gave up waiting
  double unavailable = 0;  // nobody answers
  double listing = 0;      // empty, truncated or stale
  double event_lost = 0;
  double event_twice = 0;
  std::chrono::milliseconds slowest{0};
};

// An engine with time in it, over the machine that the engine contract suite holds to a real
// dockerd's answers. What it was sent it goes on doing when Berth dies or stops waiting. Calls on
// one container take turns, as in dockerd.
class SimEngine final : public Engine {
 public:
  SimEngine(World& world, int number, testing::FakeMachineOptions options);

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

  // Nobody answers; what was sent and not done yet is not done.
  void go_down();
  void come_up() { is_down_ = false; }
  bool is_down() const { return is_down_; }
  bool is_idle() const { return under_way_ == 0; }
  void drop_followers();
  // Berth is dead: nobody listens any more.
  void forget_followers() { followers_.clear(); }

  // What is written in a container's own layer, as one number that only grows.
  void write_file(const std::string& container_id, std::int64_t mark) {
    files_[container_id] = mark;
  }
  std::int64_t file(const std::string& id) const;

  DeviceId did;  // known once its row is there
  testing::FakeMachine machine;
  Rates rates;

 private:
  enum class Fate { kDone, kReplyLost, kRefused, kNever, kLate, kUnavailable };
  struct Call {
    const char* name;
    std::string turn;  // calls with the same word take turns; empty: none
    std::chrono::milliseconds patience;
    std::function<void()> begin{};  // what shows at once of a call that takes long
    std::chrono::milliseconds lasts{0};
  };
  struct Follower {
    std::uint64_t ticket;
    std::function<void(EngineEvent)> on_event;
  };
  template <class T>
  struct Reply;

  template <class T>
  Task<Result<T>> perform(Call call, Result<> checked, std::function<Result<T>()> work);
  template <class T>
  void take_up(std::shared_ptr<Reply<T>> reply, Fate fate, const Call& call,
               const std::function<Result<T>()>& work);
  template <class T>
  void carry_out(std::shared_ptr<Reply<T>> reply, Fate fate,
                 const std::function<Result<T>()>& work);
  template <class T>
  void answer(std::shared_ptr<Reply<T>> reply, Result<T> result);
  Task<Result<>> perform_start(Call call, std::function<Result<>()> work);
  Fate draw_fate();
  std::chrono::milliseconds draw_delay();
  void edit(std::vector<ListedContainer>& listed);
  void tell(const EngineEvent& event);
  void deliver(const EngineEvent& event);

  World& world_;
  int number_;
  bool is_down_ = false;
  int under_way_ = 0;  // calls that were sent and are not done
  int boots_ = 0;      // of the engine: what was sent before one is not done after it
  std::map<std::string, std::chrono::milliseconds> turns_;
  std::vector<Follower> followers_;
  std::vector<ListedContainer> stale_listing_;
  std::map<std::string, std::int64_t> files_;  // by container or image id
};

}  // namespace berth::sim
