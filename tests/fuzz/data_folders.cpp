// Folders of tenants, who have put links, files and folders of their own in the way: nothing
// outside is ever made or changed, and nothing that was there. One letter a line says what lies
// where.
#include "host/data_folders.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/log.hpp"
#include "fuzz.hpp"

namespace berth::fuzz {
namespace {

namespace fs = std::filesystem;

const fs::path& base() {
  static const fs::path kBase = [] {
    set_log_level("error");
    const char* where = fs::exists("/dev/shm") ? "/dev/shm" : "/tmp";
    std::string pattern = std::string(where) + "/berth-fuzz-XXXXXX";
    require(::mkdtemp(pattern.data()) != nullptr, "a folder");
    static const std::string kMade = pattern;
    std::atexit([] { fs::remove_all(kMade); });
    return fs::path(kMade);
  }();
  return kBase;
}

using Tree = std::map<std::string, std::string>;  // path to what it is

Tree look(const fs::path& root) {
  Tree tree;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    struct stat status{};
    ::lstat(entry.path().c_str(), &status);
    std::string what = std::to_string(status.st_mode) + " " + std::to_string(status.st_ino);
    if (entry.is_symlink()) what += " -> " + fs::read_symlink(entry.path()).string();
    tree[entry.path().string()] = what;
  }
  return tree;
}

constexpr std::string_view kPlaces[] = {
    "user_7",         "user_7/commands",   "user_7/Documents",
    "user_7/results", "user_7/logs",       "user_7/Documents/MATLAB",
    ".berth-new",     "user_7/.berth-new", "user_7/Documents/MATLAB/startup.m"};

void put(const fs::path& place, char what) {
  std::error_code ignored;
  fs::create_directories(place.parent_path(), ignored);
  switch (what) {
    case 'f':
      if (!fs::exists(fs::symlink_status(place))) std::ofstream(place) << "theirs";
      break;
    case 'd':
      fs::create_directory(place, ignored);
      break;
    case 'l':
      fs::create_directory_symlink(base() / "outside", place, ignored);
      break;
    case 'u':
      fs::create_directory_symlink("..", place, ignored);
      break;
    case 'n':
      fs::create_symlink("nowhere", place, ignored);
      break;
    case 'p':
      ::mkfifo(place.c_str(), 0600);
      break;
    case 'x':
      fs::create_directory(place, ignored);
      std::ofstream(place / "in the way") << "theirs";
      break;
    default:
      break;
  }
}

// Drafts are ours: they may go.
bool is_draft(const std::string& path) { return path.contains("/.berth-new"); }

void check(std::string_view input) {
  for (const auto& entry : fs::directory_iterator(base())) fs::remove_all(entry);
  fs::create_directories(base() / "outside/secret");
  fs::create_directories(base() / "data");
  for (const std::string_view place : kPlaces) {
    put(base() / "data" / place, input.empty() ? '-' : input[0]);
    input.remove_prefix(std::min<std::size_t>(1, input.size()));
  }
  const Tree outside = look(base() / "outside");
  const Tree before = look(base() / "data");
  for (int twice = 0; twice < 2; ++twice) {
    (void)make_matlab_folders(base() / "data", 7, {::geteuid(), ::getegid()}, "x = 1\n");
    (void)make_workspace_folder(base() / "data", "user_7");
  }
  require(look(base() / "outside") == outside, "nothing outside");
  const Tree after = look(base() / "data");
  for (const auto& [path, what] : before) {
    const auto there = after.find(path);
    require(is_draft(path) || (there != after.end() && there->second == what),
            "what was there stays");
  }
  for (const auto& [path, what] : after) {
    require(before.contains(path) || path.starts_with((base() / "data/user_7").string()),
            "made where it belongs");
  }
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
