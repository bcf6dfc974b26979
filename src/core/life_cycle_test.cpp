#include "core/life_cycle.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace berth {
namespace {

constexpr int kBound = 12;  // steps from anywhere to rest

constexpr Wanted kWanted[] = {Wanted::kRunning, Wanted::kStopped, Wanted::kGone};
constexpr State kStates[] = {State::kCreating, State::kRunning, State::kPaused, State::kStopped};
constexpr Seen kSeen[] = {Seen::kUnknown, Seen::kAbsent, Seen::kCreated, Seen::kRunning,
                          Seen::kPaused,  Seen::kExited, Seen::kRemoving};

bool is_alive(Seen seen) { return seen == Seen::kRunning || seen == Seen::kPaused; }
bool is_clear(Seen seen) { return seen != Seen::kUnknown && seen != Seen::kRemoving; }
bool is_clear(const Facts& f) { return is_clear(f.seen) && is_clear(f.next_seen); }

bool is_legal(const Facts& f) {
  return (!f.rebuild || f.made) && (f.rebuild || f.next_seen == Seen::kAbsent);
}

Facts make_facts(int bits, Wanted wanted, State state, Seen seen, Seen next_seen) {
  return {.wanted = wanted,
          .state = state,
          .start_pending = (bits & 1) != 0,
          .made = (bits & 2) != 0,
          .rebuild = (bits & 4) != 0,
          .holds = (bits & 8) != 0,
          .seen = seen,
          .next_seen = next_seen};
}

// Every combination that the driver can meet: 3 x 4 x 7 x 7 x 16, less the two that cannot be.
std::vector<Facts> all_facts() {
  std::vector<Facts> all;
  for (Wanted wanted : kWanted) {
    for (State state : kStates) {
      for (Seen seen : kSeen) {
        for (Seen next_seen : kSeen) {
          for (int bits = 0; bits < 16; ++bits) {
            const Facts facts = make_facts(bits, wanted, state, seen, next_seen);
            if (is_legal(facts)) all.push_back(facts);
          }
        }
      }
    }
  }
  return all;
}

std::string words(const Facts& f) {
  return "wanted=" + std::string(to_string(f.wanted)) +
         " state=" + std::string(to_string(f.state)) +
         " pending=" + std::to_string(f.start_pending) + " made=" + std::to_string(f.made) +
         " rebuild=" + std::to_string(f.rebuild) + " holds=" + std::to_string(f.holds) +
         " seen=" + std::to_string(static_cast<int>(f.seen)) +
         " next=" + std::to_string(static_cast<int>(f.next_seen));
}

// What the driver and an engine make of each step. Whoever removes the living gets caught here.
struct World {
  Facts facts;
  bool forgotten = false;

  void do_step(Step step);
  void rest(State state);
};

void World::rest(State state) {
  facts.state = state;
  facts.start_pending = false;
  facts.made = true;
  if (state != State::kStopped) return;
  facts.wanted = Wanted::kStopped;
  facts.holds = false;
  facts.rebuild = false;
}

void World::do_step(Step step) {
  switch (step) {
    case Step::kNone:
    case Step::kWait:
      break;
    case Step::kCreate:
      facts.seen = Seen::kCreated;
      break;
    case Step::kStart:
      facts.seen = Seen::kRunning;
      break;
    case Step::kUnpause:
      facts.seen = Seen::kRunning;
      break;
    case Step::kStop:
      facts.seen = Seen::kExited;
      break;
    case Step::kRemove:
      EXPECT_FALSE(is_alive(facts.seen)) << words(facts);
      facts.seen = Seen::kAbsent;
      break;
    case Step::kForget:
      forgotten = true;
      break;
    case Step::kMarkRunning:
      rest(State::kRunning);
      break;
    case Step::kMarkPaused:
      rest(State::kPaused);
      break;
    case Step::kMarkStopped:
    case Step::kMarkLost:
      rest(State::kStopped);
      break;
    case Step::kCreateNext:
      facts.next_seen = Seen::kCreated;
      break;
    case Step::kStartNext:
      facts.next_seen = Seen::kRunning;
      break;
    case Step::kAdoptNext:
      EXPECT_FALSE(is_alive(facts.seen)) << words(facts);
      rest(State::kRunning);
      facts.rebuild = false;
      facts.seen = facts.next_seen;
      facts.next_seen = Seen::kAbsent;
      break;
    case Step::kRemoveNext:
      EXPECT_FALSE(is_alive(facts.next_seen)) << words(facts);
      facts.next_seen = Seen::kAbsent;
      break;
  }
}

// The steps from `facts` to rest. Removals in progress end; silence stays silence.
World settle(Facts facts, std::vector<Step>* path = nullptr) {
  World world{facts};
  for (int i = 0; i < kBound && !world.forgotten; ++i) {
    const Step step = next_step(world.facts);
    if (path != nullptr) path->push_back(step);
    if (step == Step::kNone || step == Step::kWait) return world;
    world.do_step(step);
  }
  EXPECT_TRUE(world.forgotten) << "does not come to rest: " << words(facts);
  return world;
}

TEST(LifeCycleTest, ComesToRestFromEverywhere) {
  const auto all = all_facts();
  ASSERT_GT(all.size(), 2000u);
  for (const Facts& facts : all) {
    if (!is_clear(facts)) continue;
    const World end = settle(facts);
    if (!end.forgotten) {
      EXPECT_EQ(next_step(end.facts), Step::kNone) << words(facts);
    }
  }
}

TEST(LifeCycleTest, EndsWithWhatWasWantedOrStoppedWithNothingHeld) {
  for (const Facts& facts : all_facts()) {
    if (!is_clear(facts)) continue;
    const World end = settle(facts);
    ASSERT_EQ(end.forgotten, facts.wanted == Wanted::kGone) << words(facts);
    if (end.forgotten) continue;
    EXPECT_EQ(end.facts.next_seen, Seen::kAbsent) << words(facts);
    EXPECT_FALSE(end.facts.start_pending && end.facts.wanted == Wanted::kRunning) << words(facts);
    if (is_alive(end.facts.seen)) {
      EXPECT_EQ(facts.wanted, Wanted::kRunning) << words(facts);
      EXPECT_EQ(end.facts.state, end.facts.seen == Seen::kPaused ? State::kPaused : State::kRunning)
          << words(facts);
    } else {
      EXPECT_EQ(end.facts.state, State::kStopped) << words(facts);
      EXPECT_EQ(end.facts.wanted, Wanted::kStopped) << words(facts);
      EXPECT_FALSE(end.facts.holds) << words(facts);
    }
  }
}

TEST(LifeCycleTest, LeavesNothingInTheEngineWhenItForgets) {
  for (const Facts& facts : all_facts()) {
    const World end = settle(facts);
    if (!end.forgotten) continue;
    EXPECT_EQ(end.facts.seen, Seen::kAbsent) << words(facts);
    EXPECT_EQ(end.facts.next_seen, Seen::kAbsent) << words(facts);
  }
}

TEST(LifeCycleTest, DecidesNothingWithoutAClearAnswerAboutBoth) {
  for (const Facts& facts : all_facts()) {
    EXPECT_EQ(next_step(facts) == Step::kWait, !is_clear(facts)) << words(facts);
  }
}

TEST(LifeCycleTest, NeverRemovesWhatIsAlive) {
  for (const Facts& facts : all_facts()) {
    const Step step = next_step(facts);
    if (step == Step::kRemove || step == Step::kAdoptNext || step == Step::kForget) {
      EXPECT_FALSE(is_alive(facts.seen)) << words(facts);
    }
    if (step == Step::kRemoveNext || step == Step::kForget) {
      EXPECT_FALSE(is_alive(facts.next_seen)) << words(facts);
    }
  }
}

TEST(LifeCycleTest, MarksLostOnlyWhatTheEngineClearlyDoesNotHave) {
  for (const Facts& facts : all_facts()) {
    if (next_step(facts) != Step::kMarkLost) continue;
    EXPECT_EQ(facts.seen, Seen::kAbsent) << words(facts);
    EXPECT_EQ(facts.next_seen, Seen::kAbsent) << words(facts);
  }
}

// A container's files are in the newest one that has run, and in the successor alone once the old
// one is gone.
TEST(LifeCycleTest, NeverRemovesTheOnlyOrTheNewestCopyOfTheFilesUnlessAllShallGo) {
  for (const Facts& facts : all_facts()) {
    if (facts.wanted == Wanted::kGone) continue;
    const Step step = next_step(facts);
    EXPECT_NE(step, Step::kRemove) << words(facts);
    if (step == Step::kRemoveNext) {
      EXPECT_EQ(facts.next_seen, Seen::kCreated) << words(facts);
      EXPECT_NE(facts.seen, Seen::kAbsent) << words(facts);
    }
  }
}

// The process may die after a step was done and before anybody knew: the same answer, or the way on
// from there.
TEST(LifeCycleTest, DoingAStepTwiceIsDoingItOnce) {
  for (const Facts& facts : all_facts()) {
    const Step step = next_step(facts);
    if (step == Step::kAdoptNext)
      continue;  // a new generation: there is no second time, next_seen is another one
    World once{facts};
    once.do_step(step);
    World twice = once;
    twice.do_step(step);
    EXPECT_EQ(words(once.facts), words(twice.facts));
  }
}

// Whatever the engine does by itself after any step, the way on still ends.
TEST(LifeCycleTest, ComesToRestThoughTheContainerChangesByItselfAfterAnyStep) {
  constexpr Seen kChanges[] = {Seen::kAbsent, Seen::kCreated, Seen::kRunning, Seen::kPaused,
                               Seen::kExited};
  for (const Facts& facts : all_facts()) {
    if (!is_clear(facts)) continue;
    World world{facts};
    for (int i = 0; i < kBound && !world.forgotten; ++i) {
      for (Seen change : kChanges) {
        Facts changed = world.facts;
        changed.seen = change;
        settle(changed);
        if (!changed.rebuild) continue;
        changed = world.facts;
        changed.next_seen = change;
        settle(changed);
      }
      world.do_step(next_step(world.facts));
    }
  }
}

std::vector<Step> path_from(const Facts& facts) {
  std::vector<Step> path;
  settle(facts, &path);
  return path;
}

using Path = std::vector<Step>;

TEST(LifeCycleTest, CreatesAndStartsWhatIsNew) {
  EXPECT_EQ(path_from({.start_pending = true, .holds = true, .seen = Seen::kAbsent}),
            (Path{Step::kCreate, Step::kStart, Step::kMarkRunning, Step::kNone}));
}

TEST(LifeCycleTest, StopsBeforeItRemoves) {
  EXPECT_EQ(path_from({.wanted = Wanted::kGone, .made = true, .seen = Seen::kPaused}),
            (Path{Step::kUnpause, Step::kStop, Step::kRemove, Step::kForget}));
}

TEST(LifeCycleTest, RebuildKeepsTheOldContainerUntilItsSuccessorRuns) {
  EXPECT_EQ(path_from({.state = State::kStopped,
                       .start_pending = true,
                       .made = true,
                       .rebuild = true,
                       .holds = true,
                       .seen = Seen::kExited}),
            (Path{Step::kCreateNext, Step::kStartNext, Step::kAdoptNext, Step::kNone}));
}

TEST(LifeCycleTest, AContainerThatEndsByItselfGivesItsResourcesBack) {
  EXPECT_EQ(
      path_from({.state = State::kRunning, .made = true, .holds = true, .seen = Seen::kExited}),
      (Path{Step::kMarkStopped, Step::kNone}));
}

TEST(LifeCycleTest, AStopThatOvertakesAStartGivesTheClaimBack) {
  EXPECT_EQ(path_from({.wanted = Wanted::kStopped,
                       .state = State::kStopped,
                       .start_pending = true,
                       .made = true,
                       .holds = true,
                       .seen = Seen::kExited}),
            (Path{Step::kMarkStopped, Step::kNone}));
}

TEST(LifeCycleTest, AStopDuringARebuildKeepsTheSuccessorThatHasRun) {
  EXPECT_EQ(path_from({.wanted = Wanted::kStopped,
                       .made = true,
                       .rebuild = true,
                       .holds = true,
                       .seen = Seen::kExited,
                       .next_seen = Seen::kRunning}),
            (Path{Step::kAdoptNext, Step::kStop, Step::kMarkStopped, Step::kNone}));
}

TEST(LifeCycleTest, NamesEveryStepDifferently) {
  std::vector<std::string> names;
  for (int i = 0; i <= static_cast<int>(Step::kRemoveNext); ++i) {
    names.emplace_back(to_string(static_cast<Step>(i)));
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
}

}  // namespace
}  // namespace berth
