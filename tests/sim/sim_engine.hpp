#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "engine/memory/memory_engine.hpp"
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

// The engine in memory, which the engine contract suite holds to a real dockerd's answers, with
// time in it. What it was sent it goes on doing when Berth dies or stops waiting. Calls on one
// container take turns, as in dockerd.
class SimEngine final : public memory::MemoryEngine {
 public:
  SimEngine(World& world, int number, memory::MachineOptions options);

  // What Berth believes of an answer is held against what it was told.
  Task<Result<>> start(std::string container) override;
  Task<Result<>> restart(std::string container, std::chrono::seconds grace) override;
  Task<Result<ContainerSeen>> inspect(std::string container) override;
  Task<Result<ImageSeen>> inspect_image(std::string image) override;
  Task<Result<>> remove_image(std::string image) override;
  Task<Result<>> follow_events(std::function<void()> on_open,
                               std::function<void(EngineEvent)> on_event) override;

  // Nobody answers; what was sent and not done yet is not done.
  void go_down() override;
  void drop_followers() override;
  void come_up();
  // Another engine, with nothing in it, answers from the moment on in which nothing that was sent
  // to this one can still be answered; or this one again.
  void replace();
  void have_gpus(int count);
  bool is_another() const { return is_another_; }
  bool is_swapping() const { return is_swapping_; }
  bool is_idle() const { return under_way_ == 0; }
  // Berth is dead: nobody listens any more.
  void forget_followers() { followers_.clear(); }

  // What is written in a container's own layer, as one number that only grows.
  void write_file(const std::string& container_id, std::int64_t mark) {
    files_[container_id] = mark;
  }
  std::int64_t file(const std::string& id) const;

  DeviceId did;  // known once its row is there
  Rates rates;
  bool is_small = false;  // what Berth finds there at its next start

 protected:
  Task<Result<>> conduct(Call call, std::function<Result<>()> work) override;
  void edit_listing(std::vector<ListedContainer>& listed) override;
  void tell(const EngineEvent& event) override;

 private:
  enum class Fate { kDone, kReplyLost, kRefused, kNever, kLate, kUnavailable };
  struct Sent;  // a call that is under way
  struct Follower {
    std::uint64_t ticket;
    std::function<void(EngineEvent)> on_event;
  };

  void take_up(std::shared_ptr<Sent> sent);
  void carry_out(std::shared_ptr<Sent> sent);
  void note_done(const Call& call);
  void answer(std::shared_ptr<Sent> sent, Result<> result);
  void note_start(const std::string& container, const Result<>& started);
  Fate draw_fate();
  std::chrono::milliseconds draw_delay();
  void deliver(const EngineEvent& event);

  bool is_own_word(int swaps) const { return !is_another_ && swaps == swaps_; }

  World& world_;
  int number_;
  memory::Machine spare_;  // with the disk that is not in at present
  bool is_another_ = false;
  bool is_swapping_ = false;
  int swaps_ = 0;
  int under_way_ = 0;  // calls that were sent and are not done
  int boots_ = 0;      // of the engine: what was sent before one is not done after it
  std::map<std::string, std::chrono::milliseconds> turns_;
  std::vector<Follower> followers_;
  std::vector<ListedContainer> stale_listing_;
  std::map<std::string, std::int64_t> files_;  // by container or image id
};

}  // namespace berth::sim
