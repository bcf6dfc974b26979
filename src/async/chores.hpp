#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "async/task.hpp"

namespace berth {

struct Chore {
  std::string name;
  std::function<Task<>()> work;
};

// Work that is done again and again, by name. One that is still going on from an earlier round is
// left alone: a chore that hangs holds up neither the others nor the next round. One thread.
class Chores {
 public:
  // In the order given, at most `at_once` at a time; over when all are.
  Task<> run(std::vector<Chore> chores, int at_once);

 private:
  std::shared_ptr<std::set<std::string>> going_on_ = std::make_shared<std::set<std::string>>();
};

}  // namespace berth
