#pragma once

#include <memory>

#include "store/store.hpp"
#include "truths.hpp"

namespace berth::sim {

class World;

// The real store, watched: each commit is told to the Truths the moment it happens, and Berth can
// die before it, or after it before anybody knows.
class WatchedStore final : public Store {
 public:
  WatchedStore(World& world, std::unique_ptr<Store> inner);

  // Compares the book that the Truths keep with the rows themselves, and the ledgers with their
  // rows.
  void audit();

 private:
  Task<Result<>> run_read(Body body) override;
  Task<Result<>> run_write(Body body) override;

  World& world_;
  std::unique_ptr<Store> inner_;
};

}  // namespace berth::sim
