#include "watched_store.hpp"

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/limits.hpp"
#include "store/sql/sql_store.hpp"
#include "watched_transaction.hpp"
#include "world.hpp"

namespace berth::sim {
namespace {

constexpr char kLastWrite[] = "sim.last_write";

}  // namespace

WatchedStore::WatchedStore(World& world) : world_(world) {
  std::string pattern = (std::filesystem::temp_directory_path() / "berth-sim-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  disk_.fault = [this](std::string_view call) { return draw_fault(call); };
}

WatchedStore::~WatchedStore() {
  close();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Result<> WatchedStore::open() {
  boost::asio::io_context unused;
  auto on_disk_failure = [this] {
    has_failed_ = true;
    world_.end_by_itself();
  };
  auto opened = open_sqlite(unused, {.path = folder_ / "berth.db",
                                     .inline_writes = true,
                                     .on_disk_failure = on_disk_failure});
  if (!opened) return std::unexpected(opened.error());
  inner_ = std::move(*opened);
  has_failed_ = false;
  compare_with_book();
  return ok();
}

void WatchedStore::close() { inner_.reset(); }

void WatchedStore::cut_power() {
  world_.trace.say("power cut");
  disk_.cut_power([this] { return world_.random.between(0, 2); });
}

testing::MemoryDisk::Fault WatchedStore::draw_fault(std::string_view call) {
  const bool is_write = call == "write";
  if (is_write && world_.random.chance(rates.full)) {
    world_.trace.say("disk full");
    return {SQLITE_FULL, false};
  }
  if ((is_write || call == "sync") && world_.random.chance(rates.failed)) {
    world_.trace.say("disk fails", std::string(call));
    return {is_write ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC, world_.random.chance(0.5)};
  }
  return {};
}

// All that was acknowledged is there, and beyond it at most what was answered with a doubt.
void WatchedStore::compare_with_book() {
  auto find = [](Transaction& tx) -> Result<std::int64_t> {
    return std::stoll(tx.meta(kLastWrite).value_or("0"));
  };
  const auto found = world_.run_at_once(inner_->read(find));
  if (!found) return;
  const auto doubt = std::exchange(doubt_, std::nullopt);
  if (doubt && *found == doubt->number) {
    world_.trace.say("it was saved");
    last_ = doubt->number;
    return world_.truths.committed(doubt->changes);
  }
  if (*found != last_) {
    world_.truths.violate("the store has writes up to " + std::to_string(*found) + ", and " +
                          std::to_string(last_) + " was acknowledged");
  }
}

// The real one reads at once on the I/O thread as well.
Task<Result<>> WatchedStore::run_read(Body body) {
  co_return co_await inner_->read(std::move(body));
}

Task<Result<>> WatchedStore::run_write(Body body) {
  co_await world_.boundary("store.write", Boundary::kBefore);
  Changes changes;
  const std::int64_t number = ++tried_;
  Body watched = [&changes, number, body](Transaction& tx) -> Result<> {
    changes = {};
    WatchedTransaction watched_tx(tx, changes);
    auto done = body(watched_tx);
    if (done) tx.set_meta(kLastWrite, std::to_string(number));
    return done;
  };
  bool was_broken = has_failed_;
  auto done = co_await inner_->write(std::move(watched));
  if (done) {
    last_ = number;
    world_.truths.committed(changes);
  } else if (done.error().code == ErrorCode::kUnknown) {
    if (was_broken) world_.truths.violate("a store that failed goes on");
    ++refusals_;
    doubt_ = Doubt{number, std::move(changes)};
  } else if (done.error().code == ErrorCode::kUnavailable) {
    ++refusals_;
  }
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
