#pragma once

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "life.hpp"
#include "random.hpp"
#include "sim_engine.hpp"
#include "trace.hpp"
#include "truths.hpp"
#include "virtual_time.hpp"
#include "watched_store.hpp"

namespace berth::sim {

class People;

// Before a call leaves Berth, and after it was done but before Berth knows.
enum class Boundary { kBefore, kAfter };

struct WorldOptions {
  std::uint64_t seed = 1;
  bool prints = false;
  int devices = 2;
  bool yields = true;  // at boundaries, so that others get in between
};

// A lab with engines, people, accidents and one Berth, in one thread and in virtual time.
class World {
 public:
  explicit World(WorldOptions options);
  ~World();

  // Berth: from nothing, after its end, over the same store.
  void boot();
  void kill();
  bool is_up() const { return life != nullptr; }
  // Berth ends because its disk failed, and whoever watches over it starts it again.
  void end_by_itself();
  void start_again();  // soon

  // Called by engines and by the store wherever Berth waits for them.
  Task<> boundary(const char* name, Boundary side);
  // The n-th boundary from now is where Berth dies: its coroutine goes no further, and whoever
  // drives the world kills.
  void die_at(int nth) {
    passed_ = 0;
    die_at_ = nth;
    died_at_.clear();
  }
  int passed() const { return passed_; }
  const std::string& died_at() const { return died_at_; }

  // Something happened on a machine, by whatever hand.
  void happened(DeviceId did, const EngineEvent& event);

  // Runs until `is_done` or until `patience` of virtual time is over; false then, and when a truth
  // was violated.
  bool run_until(const std::function<bool()>& is_done, std::chrono::milliseconds patience);
  void run_for(std::chrono::milliseconds duration);

  // No more accidents; everything must come to rest, and then be in agreement.
  void calm_down();
  // With `is_new_life` Berth is killed and started first, and has less time.
  void settle_and_check(bool is_new_life);

  // A task that needs no time, such as a read of the store.
  template <class T>
  T run_at_once(Task<T> task);

  SimEngine* engine(DeviceId did);

  WorldOptions options;
  Random random;
  VirtualTime time;
  Trace trace;
  Truths truths;
  std::unique_ptr<WatchedStore> store;
  std::vector<std::shared_ptr<SimEngine>> engines;
  std::unique_ptr<Life> life;
  std::unique_ptr<People> people;
  bool booted = false;

 private:
  void add_engine(int number);
  void check_intents();
  void check_rest(const SimEngine& engine);
  void check_row(const SimEngine& engine, const ContainerRow& row);
  void check_images(const SimEngine& engine);

  int lives_ = 0;
  int passed_ = 0;
  int die_at_ = -1;
  std::string died_at_;
};

template <class T>
T World::run_at_once(Task<T> task) {
  std::optional<T> result;
  boost::asio::io_context io;
  boost::asio::co_spawn(io, std::move(task), [&](std::exception_ptr error, T value) {
    if (error) std::rethrow_exception(error);
    result.emplace(std::move(value));
  });
  io.run();
  return std::move(result.value());
}

}  // namespace berth::sim
