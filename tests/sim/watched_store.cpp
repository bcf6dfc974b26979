#include "watched_store.hpp"

#include "base/limits.hpp"
#include "watched_transaction.hpp"
#include "world.hpp"

namespace berth::sim {

WatchedStore::WatchedStore(World& world, std::unique_ptr<Store> inner)
    : world_(world), inner_(std::move(inner)) {}

// The real one reads at once on the I/O thread as well.
Task<Result<>> WatchedStore::run_read(Body body) {
  co_return co_await inner_->read(std::move(body));
}

Task<Result<>> WatchedStore::run_write(Body body) {
  co_await world_.boundary("store.write", Boundary::kBefore);
  Changes changes;
  Body watched = [&changes, body](Transaction& tx) -> Result<> {
    changes = {};
    WatchedTransaction watched_tx(tx, changes);
    return body(watched_tx);
  };
  auto done = co_await inner_->write(std::move(watched));
  if (done) world_.truths.committed(changes);
  co_await world_.boundary("store.write", Boundary::kAfter);
  co_return done;
}

void WatchedStore::audit() {
  auto compare = [this](Transaction& tx) -> Result<> {
    Truths& truths = world_.truths;
    const auto rows = tx.containers(limits::kContainers);
    if (rows.size() != truths.rows().size())
      truths.violate("the store has other rows than were committed");
    for (const ContainerRow& row : rows) {
      const ContainerRow* book = truths.row(row.cid);
      if (book == nullptr || book->wanted != row.wanted || book->state != row.state ||
          book->holds != row.holds || book->gpus != row.gpus || book->owner != row.owner ||
          book->did != row.did || book->generation != row.generation) {
        truths.violate("cid " + std::to_string(row.cid.value) +
                       ": its row is not what was committed");
      }
    }
    for (const DeviceRow& device : tx.devices(limits::kDevices)) {
      if (!(tx.ledger(device).used() == truths.sum(device.did))) {
        truths.violate("the ledger of device " + std::to_string(device.did.value) +
                       " is not the sum of its rows");
      }
    }
    return ok();
  };
  auto done = world_.run_at_once(inner_->read(compare));
  if (!done) world_.truths.violate("the store cannot be read: " + done.error().message);
}

}  // namespace berth::sim
