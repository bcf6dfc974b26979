#include <gtest/gtest.h>

#include <map>
#include <set>

#include "fakes/lab.hpp"
#include "fakes/memory_disk.hpp"
#include "store/sql/test_folder.hpp"

namespace berth {
namespace {

using testing::Lab;
using testing::MemoryDisk;
using testing::run;

struct Trouble {
  const char* name;
  const char* call;
  MemoryDisk::Fault fault;
  bool lasts = false;         // until Berth is started again
  bool cuts_power = false;    // and the machine with it
};

// One person's working day over a disk that fails at one call; and what the answers were.
class Day {
 public:
  explicit Day(const Trouble& trouble) : trouble_(trouble) {}

  // The nth such call from now on fails.
  void arm(int nth) {
    disk_.fault = [this, nth](std::string_view call) {
      if (call != trouble_.call) return MemoryDisk::Fault{};
      const bool strikes = trouble_.lasts ? ++seen_ >= nth : ++seen_ == nth;
      met_ = met_ || strikes;
      return strikes ? trouble_.fault : MemoryDisk::Fault{};
    };
  }
  bool met() const { return met_; }

  void work() {
    const ContainerId first = create("first", {lab_.gpus[0]});
    const ContainerId second = create("second", {});
    const auto saved = run(lab_.io, lab_.control->images.save(lab_.ann, first, "image", false));
    if (saved) images_.insert(*saved);
    answer(run(lab_.io, lab_.control->containers.stop(lab_.ann, first)));
    answer(run(lab_.io, lab_.control->containers.start(lab_.ann, first,
                                                       std::vector<GpuId>{lab_.gpus[1]})));
    if (saved) remove_image(*saved);
    answer(run(lab_.io, lab_.control->matlab.create(7, "")));
    answer(run(lab_.io, lab_.control->matlab.destroy(7)));
    remove(second);
    answer(run(lab_.io, lab_.control->containers.stop(lab_.ann, first)));
  }

  void end_and_start_again() {
    lab_.crash();
    disk_.fault = {};
    if (trouble_.cuts_power) disk_.cut_power([this] { return draws_++ % 3; });
    lab_.start();
    lab_.settle();
  }

  // Whatever was answered with success is there, and with a clear failure is not.
  std::string untrue() {
    std::string wrong = lab_.complaints();
    std::set<ContainerId> there;
    for (const ContainerRow& row : lab_.rows()) {
      there.insert(row.cid);
      if (refused_.contains(row.name)) wrong += row.name + " was refused and is there; ";
      if (removed_.contains(row.cid)) wrong += row.name + " was removed and is there; ";
    }
    for (const auto& [cid, password] : passwords_) {
      if (!there.contains(cid) && asked_to_remove_.contains(cid)) continue;
      auto found = run(lab_.io, lab_.control->containers.property(lab_.ann, cid));
      if (!found) {
        wrong += "cid " + std::to_string(cid.value) + " was promised and is lost; ";
      } else if (found->password != password) {
        wrong += "its password is another; ";
      }
    }
    for (ImageId iid : images_) {
      if (!run(lab_.io, lab_.control->images.property(lab_.ann, iid)))
        wrong += "a saved image is lost; ";
    }
    return wrong;
  }

  Lab& lab() { return lab_; }
  const std::set<std::string>& words() const { return words_; }

 private:
  template <class T>
  void answer(const Result<T>& result) {
    if (!result && result.error().code == ErrorCode::kInternal) words_.insert(result.error().message);
  }

  ContainerId create(const std::string& name, std::vector<GpuId> gpus) {
    NewContainer wanted = lab_.order(1, 64, std::move(gpus));
    wanted.name = name;
    const auto made = lab_.create(lab_.ann, wanted);
    answer(made);
    if (!made && made.error().code != ErrorCode::kUnknown) refused_.insert(name);
    if (!made) return ContainerId{999};
    passwords_[made->container.cid] = made->password;
    return made->container.cid;
  }

  void remove(ContainerId cid) {
    asked_to_remove_.insert(cid);
    const auto removed = run(lab_.io, lab_.control->containers.remove(lab_.ann, cid));
    answer(removed);
    if (removed) removed_.insert(cid);
  }

  void remove_image(ImageId iid) {
    images_.erase(iid);
    answer(run(lab_.io, lab_.control->images.remove(lab_.ann, iid)));
  }

  Trouble trouble_;
  MemoryDisk disk_;
  sql::TestFolder folder_;
  Lab lab_{{.database = folder_.database(), .inline_writes = true}};
  int seen_ = 0;
  bool met_ = false;
  int draws_ = 0;
  std::map<ContainerId, std::string> passwords_;
  std::set<std::string> refused_;
  std::set<ContainerId> asked_to_remove_;
  std::set<ContainerId> removed_;
  std::set<ImageId> images_;
  std::set<std::string> words_;  // of internal errors
};

class EveryDiskCallFails : public ::testing::TestWithParam<Trouble> {};

// The first such call fails, then the second, ... until a whole day passes without meeting it.
TEST_P(EveryDiskCallFails, AndWhatWasAnsweredIsTrueAfterTheNextStart) {
  for (int nth = 1;; ++nth) {
    ASSERT_LT(nth, 2000) << "the day never passes";
    Day day(GetParam());
    day.arm(nth);
    day.work();
    day.end_and_start_again();
    ASSERT_EQ(day.untrue(), "") << GetParam().name << " at call " << nth;
    ASSERT_TRUE(day.words().empty()) << *day.words().begin();
    const ContainerId cid = day.lab().must_create(day.lab().bob, day.lab().order(1, 64));
    ASSERT_TRUE(run(day.lab().io, day.lab().control->containers.remove(day.lab().bob, cid)));
    if (!day.met()) return;
  }
}

constexpr MemoryDisk::Fault kFull{SQLITE_FULL, false};
constexpr MemoryDisk::Fault kShort{SQLITE_FULL, true};
constexpr MemoryDisk::Fault kBroken{SQLITE_IOERR_WRITE, true};
constexpr MemoryDisk::Fault kNotSynced{SQLITE_IOERR_FSYNC, false};

INSTANTIATE_TEST_SUITE_P(
    Disk, EveryDiskCallFails,
    ::testing::Values(Trouble{"full", "write", kFull}, Trouble{"full_for_good", "write", kFull, true},
                      Trouble{"short_write", "write", kShort, false, true},
                      Trouble{"broken_write", "write", kBroken},
                      Trouble{"broken_write_and_power_cut", "write", kBroken, true, true},
                      Trouble{"not_synced", "sync", kNotSynced},
                      Trouble{"not_synced_and_power_cut", "sync", kNotSynced, true, true}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace berth
