#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace berth::testing {

// A disk in memory under SQLite: while it lives, every database that is opened lies on it. It fails
// when it is told to, and forgets what was not synced when its power is cut. One connection at a
// time, one thread.
class MemoryDisk {
 public:
  // What goes wrong with one call: an error of SQLite's, and whether half was written before it.
  struct Fault {
    int code = SQLITE_OK;
    bool after_half = false;
  };

  MemoryDisk();
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;
  ~MemoryDisk();

  // Asked before each "open", "write", "sync", "truncate" and "delete".
  std::function<Fault(std::string_view call)> fault;

  // Nothing may be open. Of each write since the last sync `draw` says what is left: 0 nothing,
  // 1 all of it, 2 a torn half.
  void cut_power(const std::function<int()>& draw);

 private:
  struct Change {
    std::size_t place = 0;
    std::string bytes;
    bool truncates = false;
  };
  struct File {
    std::string now;
    std::string synced;
    std::vector<Change> unsynced;
    std::vector<std::unique_ptr<std::string>> shared;  // the index of a write-ahead log
  };
  struct Handle;
  struct Methods;  // SQLite's

  int ask(std::string_view call, bool* after_half = nullptr) const;
  static void apply(std::string& bytes, const Change& change, std::size_t size);
  static void change(File& file, Change change);

  sqlite3_vfs* before_ = nullptr;
  sqlite3_vfs vfs_{};
  std::map<std::string, std::shared_ptr<File>, std::less<>> files_;
};

}  // namespace berth::testing
