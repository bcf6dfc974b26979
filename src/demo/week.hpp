#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "demo/workload.hpp"
#include "store/store.hpp"

namespace berth::demo {

using Ago = std::chrono::minutes;  // before the demo opens

struct Person {
  std::string name;
  Role role = Role::kUser;
  int joined_days_ago = 0;
  bool has_left = false;
  bool may_be_played = false;  // shown to visitors; nobody else acts for these
};

struct BaseImage {
  std::string machine;
  std::string name;
  std::string kind;  // of workload.hpp
  int size_gb_tenths = 0;
  int days_ago = 0;
  std::string needs_driver{};  // with a GPU it does not start, because of this
};

// Something that somebody does, or that happens to a container of theirs.
struct Deed {
  enum class What {
    kCreate,
    kStart,
    kStop,
    kSave,
    kDelete,
    kEnds,    // by itself, with exit code 1
    kKilled,  // out of memory
    kOpenMatlab,
    kEndsMatlab,
    kGoesAway,  // a machine
    kComesBack,
  };
  What what = What::kStart;
  std::string who{};
  std::string container{};
  std::string machine{};
  std::string image{};  // to start from, or to save as
  int cpu = 0;
  int memory_gb = 0;
  std::vector<int> gpus{};  // places on the machine
  bool is_public = false;
  int session = 0;
};

struct Moment {
  Ago ago{0};
  Deed deed;
};

// The lab as data: who is there, what they start from, what they did until now (in any order), and
// what they go on doing, one deed after the other, again and again.
std::vector<Person> people();
std::vector<BaseImage> base_images();
std::vector<Moment> week();
std::vector<Deed> everyday();

inline constexpr char kPassword[] = "berth-demo";
inline constexpr char kMatlabImage[] = "lab/octave:9";
std::string reference(const std::string& image);  // what an engine knows it by

}  // namespace berth::demo
