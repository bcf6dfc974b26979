#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/control.hpp"
#include "demo/demo_host.hpp"
#include "demo/lab_time.hpp"
#include "demo/machines.hpp"
#include "demo/week.hpp"

namespace berth::demo {

// A lab that is not there: machines, people and their work, in memory. What happened until now is
// played by the real control/ in its own time, so rows, audit and curves are those of real work.
// The same seed and the same moment make the same lab, but for secrets and ports, which chance
// picks.
class Lab {
 public:
  Lab(std::uint64_t seed, WallTime opens_at);

  // In this order, each once. Then the clock may run.
  Task<Result<std::vector<DeviceId>>> put_machines(Store& store);
  Task<Result<>> play_week(Control& control);
  // Others go on working until Berth ends.
  Task<> live(Control& control);
  Task<Result<>> perform(Control& control, Deed deed);

  const std::vector<LabMachine>& machines() const { return machines_; }
  LabTime& time() { return time_; }
  Host& host() { return host_; }

 private:
  struct Event {
    WallTime at;
    std::function<Task<Result<>>()> run;
  };

  std::vector<Event> events(Control& control);
  void add_logins(Control& control, std::vector<Event>& all);
  Task<> advance(Control& control, WallTime to);

  Task<Result<>> join(Control& control, Person person);
  Task<Result<>> log_in(Control& control, std::string name);
  Task<Result<>> introduce(Control& control, BaseImage image);
  Task<Result<>> create(Control& control, Deed deed);
  Task<Result<>> change(Control& control, Deed deed);
  Task<Result<>> end_matlab(Control& control, int session);
  Task<Result<>> end(Control& control, ContainerRow row, int code, bool out_of_memory);
  void end_what_wants_too_much();

  LabMachine* machine(const std::string& name);
  LabMachine* machine(DeviceId did);

  std::uint64_t seed_;
  WallTime opens_at_;
  LabTime time_;
  std::vector<LabMachine> machines_;
  DemoHost host_;
  std::map<std::string, Actor> actors_;
  std::string password_hash_;
};

}  // namespace berth::demo
