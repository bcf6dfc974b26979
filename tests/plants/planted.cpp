#include "planted.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace berth::plants {
namespace {

std::string from_environment() {
  const char* name = std::getenv("PLANTED");
  if (name == nullptr) return "";
  if (std::ranges::find(kNames, name) != kNames.end()) return name;
  std::fprintf(stderr, "PLANTED=%s: there is no such plant\n", name);
  std::exit(2);
}

std::string& chosen() {
  static std::string name = from_environment();
  return name;
}

}  // namespace

void choose(std::string name) { chosen() = std::move(name); }
bool is_planted(std::string_view name) { return chosen() == name; }

}  // namespace berth::plants
