#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "crash_cells.hpp"
#include "planted.hpp"
#include "simulate.hpp"

namespace berth::sim {
namespace {

struct Arguments {
  std::uint64_t seed = 0;  // one only
  std::uint64_t first = 1;
  std::uint64_t seeds = 200;
  int steps = 500;
  int jobs = 1;
  int seconds = 0;  // stop drawing new seeds after this long; 0: never
  bool trace = false;
  bool twice = false;
  bool canaries = false;
  bool cells = false;
  bool pairs = false;
  std::string kept;  // a file of seeds that failed once
};

volatile std::sig_atomic_t is_dying = 0;
std::uint64_t running_seed = 0;
int running_steps = 0;

// An assert in src/ is a find as well.
void on_abort(int number) {
  if (is_dying == 0) {
    is_dying = 1;
    char text[128];
    const int size =
        std::snprintf(text, sizeof text, "FAILED seed %llu steps %d: signal %d\n",
                      static_cast<unsigned long long>(running_seed), running_steps, number);
    if (write(STDOUT_FILENO, text, static_cast<std::size_t>(size)) < 0) _exit(3);
  }
  _exit(2);
}

bool run_seed(std::uint64_t seed, const Arguments& arguments, Outcome* into = nullptr) {
  running_seed = seed;
  running_steps = arguments.steps;
  const Outcome outcome = simulate(seed, arguments.steps, arguments.trace);
  if (into != nullptr) *into = outcome;
  bool ok = !outcome.violation;
  if (outcome.violation) {
    std::printf("FAILED seed %llu steps %d: %s\n", static_cast<unsigned long long>(seed),
                arguments.steps, outcome.violation->c_str());
  }
  if (arguments.twice && simulate(seed, arguments.steps, false).hash != outcome.hash) {
    std::printf("FAILED seed %llu steps %d: the same seed is another run\n",
                static_cast<unsigned long long>(seed), arguments.steps);
    ok = false;
  }
  std::fflush(stdout);
  return ok;
}

struct Totals {
  std::uint64_t seeds = 0;
  std::uint64_t failed = 0;
  std::uint64_t deaths = 0;
  std::uint64_t virtual_s = 0;
};

// Every jobs-th seed, until all are done or the time is up.
Totals run_share(int job, const Arguments& arguments) {
  const auto began = std::chrono::steady_clock::now();
  Totals totals;
  for (std::uint64_t i = static_cast<std::uint64_t>(job); i < arguments.seeds;
       i += static_cast<std::uint64_t>(arguments.jobs)) {
    if (arguments.seconds > 0 &&
        std::chrono::steady_clock::now() - began > std::chrono::seconds(arguments.seconds))
      break;
    Outcome outcome;
    if (!run_seed(arguments.first + i, arguments, &outcome)) ++totals.failed;
    ++totals.seeds;
    totals.deaths += static_cast<std::uint64_t>(outcome.deaths);
    totals.virtual_s += static_cast<std::uint64_t>(outcome.virtual_ms / 1000);
  }
  return totals;
}

// A process a job: a seed that crashes takes no other with it.
Totals run_all(const Arguments& arguments) {
  std::vector<std::pair<pid_t, int>> children;
  for (int job = 0; job < arguments.jobs; ++job) {
    int ends[2];
    if (pipe(ends) != 0) std::abort();
    const pid_t child = fork();
    if (child == 0) {
      const Totals totals = run_share(job, arguments);
      if (write(ends[1], &totals, sizeof totals) < 0) _exit(3);
      _exit(0);
    }
    close(ends[1]);
    children.emplace_back(child, ends[0]);
  }
  Totals sum;
  for (auto& [child, end] : children) {
    Totals totals;
    if (read(end, &totals, sizeof totals) != sizeof totals) totals = {1, 1, 0, 0};
    close(end);
    waitpid(child, nullptr, 0);
    sum.seeds += totals.seeds;
    sum.failed += totals.failed;
    sum.deaths += totals.deaths;
    sum.virtual_s += totals.virtual_s;
  }
  return sum;
}

// Lines of "SEED STEPS what it found"; replayed first, for ever.
std::uint64_t replay_kept(const Arguments& arguments, std::uint64_t* count) {
  std::ifstream file(arguments.kept);
  std::uint64_t failed = 0;
  for (std::string line; std::getline(file, line);) {
    unsigned long long seed = 0;
    int steps = 0;
    if (std::sscanf(line.c_str(), "%llu %d", &seed, &steps) != 2) continue;
    Arguments one = arguments;
    one.steps = steps;
    ++*count;
    if (!run_seed(seed, one)) ++failed;
  }
  return failed;
}

// The first seed that finds the planted bug, or 0. In a process of its own: an assert may find it.
std::uint64_t first_find(const std::string& name, const Arguments& arguments) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    plants::choose(name);
    for (std::uint64_t seed = arguments.first; seed < arguments.first + arguments.seeds; ++seed) {
      if (write(ends[1], &seed, sizeof seed) < 0) _exit(3);
      if (!run_seed(seed, arguments)) _exit(1);
    }
    _exit(0);
  }
  close(ends[1]);
  std::uint64_t seed = 0;
  while (read(ends[0], &seed, sizeof seed) == sizeof seed) {
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  const bool survived = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return survived ? 0 : seed;
}

int count_missed(int job, const Arguments& arguments) {
  int missed = 0;
  for (std::size_t i = static_cast<std::size_t>(job); i < plants::kNames.size();
       i += static_cast<std::size_t>(arguments.jobs)) {
    const std::uint64_t seed = first_find(plants::kNames[i], arguments);
    if (seed == 0) ++missed;
    std::printf("%-32s %s\n", plants::kNames[i].c_str(),
                seed == 0 ? "NOT FOUND" : ("found by seed " + std::to_string(seed)).c_str());
    std::fflush(stdout);
  }
  return missed;
}

// Every planted bug must be found, or the simulation proves nothing.
int run_canaries(const Arguments& arguments) {
  std::vector<pid_t> children;
  for (int job = 0; job < arguments.jobs; ++job) {
    const pid_t child = fork();
    if (child == 0) _exit(count_missed(job, arguments));
    children.push_back(child);
  }
  int missed = 0;
  for (pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    missed += WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  }
  std::printf("%zu canaries, %d not found within %llu seeds of %d steps\n", plants::kNames.size(),
              missed, static_cast<unsigned long long>(arguments.seeds), arguments.steps);
  return missed == 0 && !plants::kNames.empty() ? 0 : 1;
}

int run(const Arguments& arguments) {
  if (arguments.canaries) return run_canaries(arguments);
  if (arguments.cells) return run_crash_cells(arguments.pairs, arguments.jobs) ? 0 : 1;
  const auto began = std::chrono::steady_clock::now();
  if (arguments.seed != 0) {
    Outcome outcome;
    const bool ok = run_seed(arguments.seed, arguments, &outcome);
    std::printf("seed %llu: hash %016llx, %lld s, %d deaths%s\n",
                static_cast<unsigned long long>(arguments.seed),
                static_cast<unsigned long long>(outcome.hash),
                static_cast<long long>(outcome.virtual_ms / 1000), outcome.deaths,
                ok ? "" : ", FAILED");
    return ok ? 0 : 1;
  }
  std::uint64_t kept = 0;
  const std::uint64_t kept_failed = replay_kept(arguments, &kept);
  Totals totals = run_all(arguments);
  const double took =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf(
      "%llu seeds of %d steps (and %llu kept) in %.1f s: %.0f steps/s, %llu ends of Berth, %.1f "
      "days; %llu failed\n",
      static_cast<unsigned long long>(totals.seeds), arguments.steps,
      static_cast<unsigned long long>(kept), took,
      static_cast<double>(totals.seeds) * arguments.steps / took,
      static_cast<unsigned long long>(totals.deaths), static_cast<double>(totals.virtual_s) / 86400,
      static_cast<unsigned long long>(totals.failed + kept_failed));
  return totals.failed + kept_failed == 0 ? 0 : 1;
}

template <class Number>
void take(Number& into, const char* text) {
  std::from_chars(text, text + std::strlen(text), into);
}

bool parse(int count, char** words, Arguments& arguments) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const bool has_value = i + 1 < count;
    if (word == "--trace") {
      arguments.trace = true;
    } else if (word == "--canaries") {
      arguments.canaries = true;
    } else if (word == "--cells") {
      arguments.cells = true;
    } else if (word == "--pairs") {
      arguments.cells = arguments.pairs = true;
    } else if (word == "--twice") {
      arguments.twice = true;
    } else if (!has_value) {
      return false;
    } else if (word == "--seed") {
      take(arguments.seed, words[++i]);
    } else if (word == "--first") {
      take(arguments.first, words[++i]);
    } else if (word == "--seeds") {
      take(arguments.seeds, words[++i]);
    } else if (word == "--steps") {
      take(arguments.steps, words[++i]);
    } else if (word == "--jobs") {
      take(arguments.jobs, words[++i]);
    } else if (word == "--seconds") {
      take(arguments.seconds, words[++i]);
    } else if (word == "--plant") {
      plants::choose(words[++i]);
    } else if (word == "--kept") {
      arguments.kept = words[++i];
    } else {
      return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace berth::sim

int main(int count, char** words) {
  using namespace berth::sim;
  Arguments arguments;
  if (!parse(count, words, arguments)) {
    std::puts(
        "berth-sim [--seeds N] [--first N] [--steps M] [--jobs J] [--seconds S] [--twice] [--kept "
        "FILE]\n"
        "berth-sim --seed N [--steps M] [--trace] [--twice]\n"
        "berth-sim --cells | --pairs [--jobs J]\n"
        "berth-sim-planted --canaries [--seeds N] [--steps M] | --plant NAME ...");
    return 64;
  }
  std::signal(SIGABRT, on_abort);
  std::signal(SIGSEGV, on_abort);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (std::getenv("BERTH_SIM_LOG") == nullptr) berth::set_log_level("off");
  return run(arguments);
}
