#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "store/store.hpp"

namespace boost::asio {
class io_context;
}

namespace berth {

struct SqliteOptions {
  std::string path;  // its folder must exist; ":memory:" with inline_writes only
  bool inline_writes =
      false;  // on the caller's thread, one at a time: for the simulation and for unit tests
  std::size_t most_waiting_writes = 4096;
  std::chrono::milliseconds file_check_every{
      10'000};  // for a file that is replaced or deleted meanwhile
  // Called once, on the I/O thread, when a commit failed and nobody knows whether it is on the disk.
  // From then on nothing is read or written: what was read before may be wrong, and only who opens
  // the file again learns what it has.
  std::function<void()> on_disk_failure{};
};

// Opens, checks and migrates. The io_context has one thread: reads run on it, writes come back to
// it. An error is a sentence for the admin: no such folder, not writable, in use, damaged, newer
// than this program.
Result<std::unique_ptr<Store>> open_sqlite(boost::asio::io_context& io, SqliteOptions options);

}  // namespace berth
