#pragma once

#include "world.hpp"

namespace berth::sim {

// What goes wrong in one seed, and how often: drawn anew for each season of it.
class Accidents {
 public:
  explicit Accidents(World& world) : world_(world) { new_season(); }

  void new_season();
  // Perhaps something happens to a machine, to a container, to a connection, or to Berth.
  void perhaps();
  std::chrono::milliseconds draw_pause() { return world_.random.up_to(2 * pause_); }

  int deaths() const { return deaths_; }

 private:
  void at_a_container();
  void at_a_machine();
  bool is_known(const SimEngine& engine) const;
  void replace_an_engine();
  void shrink();
  void hit(SimEngine& engine, const memory::Container& container);
  void end_of_berth();

  World& world_;
  double death_ = 0;
  double by_hand_ = 0;
  double machine_ = 0;
  double replaced_ = 0;
  std::chrono::milliseconds pause_{0};  // between two requests, on average
  int deaths_ = 0;
};

}  // namespace berth::sim
