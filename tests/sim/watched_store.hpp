#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "fakes/memory_disk.hpp"
#include "store/store.hpp"
#include "truths.hpp"

namespace berth::sim {

class World;

// How often a call of the disk under the database fails, drawn once a season.
struct DiskRates {
  double full = 0;    // a write
  double failed = 0;  // a write, in half, or a sync
};

// The real store over a disk that fails, watched: each commit is told to the Truths the moment it
// happens, and Berth can die before it, or after it before anybody knows. Whether a commit that was
// answered with a doubt is there shows when the file is opened again; whatever was acknowledged
// must be.
class WatchedStore final : public Store {
 public:
  explicit WatchedStore(World& world);
  ~WatchedStore() override;

  // For one life of Berth. An error while the disk fails.
  Result<> open();
  void close();
  // The machine that Berth runs on loses its power, after `close`.
  void cut_power();

  // Compares the book that the Truths keep with the rows themselves, and the ledgers with their
  // rows.
  void audit();

  bool has_failed() const { return has_failed_; }
  // Writes that were not done, or perhaps, so far.
  std::uint64_t refusals() const { return refusals_; }

  DiskRates rates;

 private:
  struct Doubt {
    std::int64_t number = 0;
    Changes changes;
  };

  Task<Result<>> run_read(Body body) override;
  Task<Result<>> run_write(Body body) override;
  testing::MemoryDisk::Fault draw_fault(std::string_view call);
  void compare_with_book();

  World& world_;
  testing::MemoryDisk disk_;
  std::filesystem::path folder_;  // of the file's lock: the file's bytes are on the disk
  std::unique_ptr<Store> inner_;
  std::int64_t last_ = 0;  // number of the last acknowledged write, and of those tried
  std::int64_t tried_ = 0;
  std::optional<Doubt> doubt_;
  bool has_failed_ = false;
  std::uint64_t refusals_ = 0;
};

}  // namespace berth::sim
