#pragma once

#include "control/changes.hpp"
#include "store/store.hpp"

namespace berth {

// The store that everything above it uses: the same transactions, and after each commit `changes`
// is told what the transaction wrote. So nothing can be changed that nobody hears about.
class ToldStore final : public Store {
 public:
  ToldStore(Store& store, Changes& changes) : store_(store), changes_(changes) {}

 private:
  Task<Result<>> run_read(Body body) override;
  Task<Result<>> run_write(Body body) override;

  Store& store_;
  Changes& changes_;
};

}  // namespace berth
