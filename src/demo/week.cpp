#include "demo/week.hpp"

namespace berth::demo {
namespace {

using What = Deed::What;

constexpr Ago days(int n) { return Ago(n * 24 * 60); }
constexpr Ago hours(int n) { return Ago(n * 60); }
constexpr Ago minutes(int n) { return Ago(n); }

Deed create(std::string who, std::string container, std::string machine, std::string image, int cpu,
            int memory_gb, std::vector<int> gpus = {}) {
  return {.what = What::kCreate,
          .who = std::move(who),
          .container = std::move(container),
          .machine = std::move(machine),
          .image = std::move(image),
          .cpu = cpu,
          .memory_gb = memory_gb,
          .gpus = std::move(gpus)};
}

Deed does(What what, std::string who, std::string container) {
  return {.what = what, .who = std::move(who), .container = std::move(container)};
}

Deed save(std::string who, std::string container, std::string image, bool is_public) {
  return {.what = What::kSave,
          .who = std::move(who),
          .container = std::move(container),
          .image = std::move(image),
          .is_public = is_public};
}

Deed matlab(What what, int session) { return {.what = what, .session = session}; }

Deed machine(What what, std::string name) { return {.what = what, .machine = std::move(name)}; }

}  // namespace

std::string reference(const std::string& image) { return "lab/" + image + ":1"; }

std::vector<Person> people() {
  return {{"lin.wei", Role::kUser, 96, false, true},
          {"zhao.min", Role::kUser, 90, false, true},
          {"prof.liu", Role::kAdmin, 210, false, true},
          {"chen.yu", Role::kUser, 44},
          {"guo.hao", Role::kUser, 43},
          {"k.sato", Role::kUser, 42},
          {"former.member", Role::kUser, 200, true}};
}

std::vector<BaseImage> base_images() {
  std::vector<BaseImage> images;
  for (const char* name : {"atlas", "boreas", "calypso", "delos"})
    images.push_back({name, "workspace", "notebook", 34, 120});
  for (const char* name : {"atlas", "boreas", "calypso"})
    images.push_back({name, "pytorch-2.5", "training", 118, 60});
  images.push_back({"boreas", "pytorch-nightly", "training", 131, 2, "cuda>=13.0"});
  return images;
}

std::vector<Moment> week() {
  std::vector<Moment> all{
      // Before the week: what its images come from, and what has run ever since.
      {days(33), create("lin.wei", "slam", "atlas", "workspace", 8, 32, {3})},
      {days(33) - hours(5), save("lin.wei", "slam", "slam-ros", true)},
      {days(32), does(What::kDelete, "lin.wei", "slam")},
      {days(21), create("chen.yu", "llama-setup", "calypso", "pytorch-2.5", 16, 128, {0})},
      {days(20), save("chen.yu", "llama-setup", "llama-finetune", true)},
      {days(20) - hours(1), does(What::kDelete, "chen.yu", "llama-setup")},
      {days(12) + hours(12), create("k.sato", "old-stereo", "delos", "workspace", 8, 24, {1})},

      // Monday to Sunday, as people work.
      {days(7) - hours(1), create("zhao.min", "seg-setup", "atlas", "pytorch-2.5", 8, 32, {0})},
      {days(7) - hours(2), create("lin.wei", "notes-and-plots", "atlas", "workspace", 4, 12)},
      {days(7) - hours(3), create("lin.wei", "diffusion", "boreas", "pytorch-2.5", 12, 56, {1})},
      {days(7) - hours(9), does(What::kStop, "lin.wei", "diffusion")},
      {days(6), save("zhao.min", "seg-setup", "遥感分割", true)},
      {days(6) - hours(1), does(What::kDelete, "zhao.min", "seg-setup")},
      {days(6) - hours(2), create("guo.hao", "scratch", "boreas", "workspace", 4, 8)},
      {days(6) - hours(4), does(What::kStart, "lin.wei", "diffusion")},
      {days(5), create("k.sato", "calib", "delos", "workspace", 4, 16)},
      {days(5) - hours(1),
       create("chen.yu", "llama-sft", "calypso", "llama-finetune", 48, 192, {0, 1, 3})},
      {days(5) - hours(6), does(What::kStop, "lin.wei", "diffusion")},
      {days(4), save("lin.wei", "diffusion", "diffusion-env", false)},
      {days(4) - hours(2), create("lin.wei", "ablation-7", "calypso", "pytorch-2.5", 16, 64, {2})},
      {days(3) + minutes(30), does(What::kStop, "k.sato", "calib")},
      {days(3) - hours(1), create("zhao.min", "遥感-训练", "atlas", "遥感分割", 8, 32, {0})},
      {days(3) - hours(8), does(What::kStop, "guo.hao", "scratch")},
      {hours(31), does(What::kKilled, "lin.wei", "ablation-7")},
      {hours(26), create("guo.hao", "baseline", "calypso", "pytorch-2.5", 16, 64, {4})},
      {hours(25) - minutes(12), does(What::kEnds, "guo.hao", "baseline")},
      {hours(12), create("k.sato", "pose", "boreas", "pytorch-2.5", 16, 64, {3})},
      {hours(5), does(What::kStart, "lin.wei", "diffusion")},
      {minutes(126), create("zhao.min", "eval", "atlas", "遥感分割", 4, 16, {2})},
      {minutes(42), does(What::kStart, "guo.hao", "baseline")},
  };
  for (int session = 1; session <= 12; ++session)
    all.push_back({minutes(12 * session + 7), matlab(What::kOpenMatlab, session)});
  all.push_back({minutes(33), matlab(What::kEndsMatlab, 9)});
  return all;
}

std::vector<Deed> everyday() {
  return {
      does(What::kStart, "guo.hao", "scratch"),
      create("k.sato", "sweep", "calypso", "pytorch-2.5", 8, 32, {5}),
      does(What::kEnds, "guo.hao", "baseline"),
      machine(What::kGoesAway, "delos"),
      machine(What::kComesBack, "delos"),
      does(What::kStart, "guo.hao", "baseline"),
      does(What::kStop, "guo.hao", "scratch"),
      does(What::kStop, "k.sato", "sweep"),
      does(What::kDelete, "k.sato", "sweep"),
  };
}

}  // namespace berth::demo
