#include "crash_cells.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "people.hpp"
#include "world.hpp"

namespace berth::sim {
namespace {

constexpr auto kPatience = std::chrono::minutes(15);
constexpr int kMostBoundaries = 400;

// One operation as one person asks for it: what must be there before, and the request.
struct Operation {
  const char* name;
  std::function<void(World&)> before;
  std::function<void(World&)> ask;
  std::vector<const char*> must_pass;  // boundaries that it cannot do without
};

void finish(World& world) {
  world.run_until([&] { return world.people->waiting() == 0; }, kPatience);
}

ContainerId first_container(World& world) {
  const auto& mine = world.people->person(0).containers;
  return mine.empty() ? ContainerId{} : mine.front();
}

void log_in(World& world) {
  world.people->ask_register(0);
  finish(world);
}

void make(World& world) {
  log_in(world);
  world.people->ask_create(0, ImageId{1}, 2, 1024, {GpuId{1}});
  finish(world);
  const ContainerRow* row = world.truths.row(first_container(world));
  if (row == nullptr) return world.truths.violate("there is nothing to try it on");
  const std::string name = world.truths.naming().container(*row, row->generation);
  world.people->write_file(row->cid, world.engines[0]->machine.find(name)->id);
}

void make_and_stop(World& world) {
  make(world);
  world.people->ask_stop(0, first_container(world));
  finish(world);
}

void make_and_pause(World& world) {
  make(world);
  const ContainerRow* row = world.truths.row(first_container(world));
  world.engines[0]->machine.pause(world.truths.naming().container(*row, row->generation));
  world.run_for(std::chrono::seconds(1));
}

void make_and_save(World& world) {
  make(world);
  world.people->ask_save(0, first_container(world));
  finish(world);
}

void make_session(World& world) {
  world.people->ask_matlab(1, "create");
  finish(world);
}

std::vector<Operation> operations() {
  const auto nothing = [](World&) {};
  const auto start_with = [](std::vector<GpuId> gpus) {
    return [gpus](World& world) { world.people->ask_start(0, first_container(world), gpus); };
  };
  return {
      {"register", nothing, [](World& w) { w.people->ask_register(0); }, {"store.write"}},
      {"login", log_in, [](World& w) { w.people->ask_login(0); }, {"store.write"}},
      {"logout", log_in, [](World& w) { w.people->ask_logout(0); }, {"store.write"}},
      {"create",
       log_in,
       [](World& w) { w.people->ask_create(0, ImageId{1}, 2, 1024, {GpuId{1}}); },
       {"store.write", "inspect", "create", "put_archive", "start"}},
      {"start",
       make_and_stop,
       [](World& w) { w.people->ask_start(0, first_container(w), std::nullopt); },
       {"store.write", "inspect", "start"}},
      {"start, other GPU",
       make_and_stop,
       start_with({GpuId{2}}),
       {"store.write", "inspect", "commit", "create", "start", "remove", "remove_image"}},
      {"start, no GPU", make_and_stop, start_with({}), {"commit", "create", "start", "remove"}},
      {"start, paused",
       make_and_pause,
       [](World& w) { w.people->ask_start(0, first_container(w), std::nullopt); },
       {"store.write", "inspect", "unpause"}},
      {"stop",
       make,
       [](World& w) { w.people->ask_stop(0, first_container(w)); },
       {"store.write", "inspect", "stop"}},
      {"stop, paused",
       make_and_pause,
       [](World& w) { w.people->ask_stop(0, first_container(w)); },
       {"store.write", "inspect", "unpause", "stop"}},
      {"delete",
       make,
       [](World& w) { w.people->ask_remove(0, first_container(w)); },
       {"store.write", "inspect", "stop", "remove"}},
      {"save image",
       make,
       [](World& w) { w.people->ask_save(0, first_container(w)); },
       {"store.write", "commit", "inspect_image"}},
      {"create from saved",
       make_and_save,
       [](World& w) { w.people->ask_create(0, w.people->person(0).images.front(), 1, 512, {}); },
       {"store.write", "inspect", "create", "put_archive", "start"}},
      {"delete image",
       make_and_save,
       [](World& w) { w.people->ask_remove_image(0, w.people->person(0).images.front()); },
       {"store.write", "remove_image"}},
      {"matlab create",
       nothing,
       [](World& w) { w.people->ask_matlab(1, "create"); },
       {"store.write", "inspect", "create", "start"}},
      {"matlab restart",
       make_session,
       [](World& w) { w.people->ask_matlab(1, "restart"); },
       {"store.write", "restart", "inspect"}},
      {"matlab destroy",
       make_session,
       [](World& w) { w.people->ask_matlab(1, "destroy"); },
       {"store.write", "inspect", "stop", "remove"}},
      {"boot and reconcile",
       make_and_save,
       [](World& w) {
         w.kill();
         w.boot();
         w.run_for(std::chrono::seconds(5));
       },
       {"store.write", "info", "follow_events", "inspect", "list", "list_images", "inspect_image"}},
  };
}

struct Cell {
  int first = -1;   // the boundary of the operation at which Berth dies
  int second = -1;  // that of the recovery; none: it lives
};

struct Ran {
  std::string died_at;
  std::string died_again_at;
  std::string violation;
  bool died = false;
  bool died_again = false;
};

// Boots, does what comes before, and arms.
std::unique_ptr<World> prepare(const Operation& operation) {
  auto world = std::make_unique<World>(WorldOptions{.devices = 1, .yields = false});
  world->boot();
  world->run_until([&] { return world->truths.images().size() == 1; }, kPatience);
  world->run_for(std::chrono::seconds(1));
  operation.before(*world);
  world->run_for(std::chrono::seconds(1));
  return world;
}

Ran run_cell(const Operation& operation, Cell cell) {
  Ran ran;
  auto world = prepare(operation);
  world->die_at(cell.first);
  operation.ask(*world);
  world->run_until([&] { return !world->died_at().empty() || world->people->waiting() == 0; },
                   kPatience);
  ran.died = !world->died_at().empty();
  ran.died_at = world->died_at();
  world->die_at(-1);
  if (ran.died) {
    world->kill();
    world->die_at(cell.second);
    world->boot();
    if (cell.second >= 0) {
      const auto until = world->time.steady() + std::chrono::seconds(8);
      world->run_until([&] { return !world->died_at().empty() || world->time.steady() > until; },
                       kPatience);
      ran.died_again = !world->died_at().empty();
      ran.died_again_at = world->died_at();
      world->die_at(-1);
      if (ran.died_again) world->kill();
    }
  }
  if (!world->is_up()) world->boot();
  world->settle_and_check(false);
  ran.violation = world->truths.violation().value_or("");
  return ran;
}

struct Covered {
  int cells = 0;
  int pairs = 0;
  int failed = 0;
  std::set<std::string> points;
};

void complain(const Operation& operation, const Ran& ran) {
  std::printf("FAILED %s, killed at %s%s%s: %s\n", operation.name, ran.died_at.c_str(),
              ran.died_again ? ", again at " : "", ran.died_again_at.c_str(),
              ran.violation.c_str());
}

Covered cover(const Operation& operation, bool pairs) {
  Covered covered;
  for (int first = 0; first < kMostBoundaries; ++first) {
    const Ran ran = run_cell(operation, {first, -1});
    if (!ran.violation.empty()) {
      ++covered.failed;
      complain(operation, ran);
    }
    if (!ran.died) break;
    ++covered.cells;
    covered.points.insert(ran.died_at);
    for (int second = 0; pairs && second < kMostBoundaries; ++second) {
      const Ran again = run_cell(operation, {first, second});
      if (!again.died_again) break;
      ++covered.pairs;
      if (again.violation.empty()) continue;
      ++covered.failed;
      complain(operation, again);
    }
  }
  return covered;
}

// What it cannot do without was a place of death, before and after.
int count_missing(const Operation& operation, const std::set<std::string>& points) {
  int missing = 0;
  for (const std::string name : operation.must_pass) {
    for (const char* side : {" before", " after"}) {
      if (points.contains(name + side)) continue;
      std::printf("FAILED %s: never killed at %s%s\n", operation.name, name.c_str(), side);
      ++missing;
    }
  }
  return missing;
}

struct Sum {
  int cells = 0;
  int pairs = 0;
  int failed = 0;
};

Sum run_one(const Operation& operation, bool pairs) {
  const Covered covered = cover(operation, pairs);
  const int missing = count_missing(operation, covered.points);
  std::printf("%-20s %3d cells at %2zu points, %5d pairs, %d failed\n", operation.name,
              covered.cells, covered.points.size(), covered.pairs, covered.failed + missing);
  std::fflush(stdout);
  return {covered.cells, covered.pairs, covered.failed + missing};
}

}  // namespace

bool run_crash_cells(bool pairs, int jobs) {
  const auto all = operations();
  std::vector<std::pair<pid_t, int>> children;
  std::fflush(stdout);
  for (int job = 0; job < jobs; ++job) {
    int ends[2];
    if (pipe(ends) != 0) return false;
    const pid_t child = fork();
    if (child == 0) {
      Sum sum;
      for (std::size_t i = static_cast<std::size_t>(job); i < all.size();
           i += static_cast<std::size_t>(jobs)) {
        const Sum one = run_one(all[i], pairs);
        sum = {sum.cells + one.cells, sum.pairs + one.pairs, sum.failed + one.failed};
      }
      if (write(ends[1], &sum, sizeof sum) < 0) _exit(3);
      _exit(0);
    }
    close(ends[1]);
    children.emplace_back(child, ends[0]);
  }
  Sum total;
  for (auto& [child, end] : children) {
    Sum sum;
    if (read(end, &sum, sizeof sum) != sizeof sum) sum = {0, 0, 1};
    close(end);
    waitpid(child, nullptr, 0);
    total = {total.cells + sum.cells, total.pairs + sum.pairs, total.failed + sum.failed};
  }
  std::printf("%zu operations, %d crash cells, %d pairs; %d failed\n", all.size(), total.cells,
              total.pairs, total.failed);
  return total.failed == 0 && total.cells > 0;
}

}  // namespace berth::sim
