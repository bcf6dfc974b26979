// store_bench FOLDER: what the store costs on the disk that FOLDER is on.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "fakes/run.hpp"
#include "store/sql/sql_store.hpp"

namespace berth {
namespace {

using std::chrono::steady_clock;

double seconds_since(steady_clock::time_point start) {
  return std::chrono::duration<double>(steady_clock::now() - start).count();
}

struct Ids {
  DeviceId did;
  UserId uid;
  ImageId iid;
};

Result<Ids> fill(Transaction& tx) {
  Ids ids;
  ids.did = tx.insert_device({.name = "d", .cpu_cores = 64, .memory_mb = 1 << 20});
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "user" + std::to_string(i);
    ids.uid = tx.insert_user({.name = name, .email = name}).value();
    tx.insert_session({"hash" + name, ids.uid, {}, {}, {}});
  }
  ids.iid = tx.insert_image({.did = ids.did, .name = "i", .reference = "r"});
  return ids;
}

ContainerRow make_row(const Ids& ids, int port) {
  return {.owner = ids.uid,
          .did = ids.did,
          .iid = ids.iid,
          .name = "box",
          .cpu_cores = 1,
          .memory_mb = 64,
          .ports = {{22, port}, {8888, port + 1}, {6006, port + 2}},
          .sealed_password = std::string(64, 's')};
}

// Insert a container with three ports, then update it: two writes.
Task<Result<>> create_some(Store& store, Ids ids, int count, int first_port) {
  for (int i = 0; i < count; ++i) {
    ContainerRow row = make_row(ids, first_port + 3 * i);
    auto insert = [&row](Transaction& tx) -> Result<ContainerId> {
      return tx.insert_container(row);
    };
    auto cid = co_await store.write(insert);
    if (!cid) co_return std::unexpected(cid.error());
    row.cid = *cid;
    row.state = State::kRunning;
    auto update = [&row](Transaction& tx) -> Result<> { return tx.update_container(row), ok(); };
    auto done = co_await store.write(update);
    if (!done) co_return done;
  }
  co_return ok();
}

void measure_writes(boost::asio::io_context& io, Store& store, Ids ids, int clients, int each,
                    int first_port) {
  std::vector<Task<Result<>>> tasks;
  for (int i = 0; i < clients; ++i)
    tasks.push_back(create_some(store, ids, each, first_port + i * each * 3));
  const auto start = steady_clock::now();
  for (const auto& result : testing::run_all(io, std::move(tasks))) {
    if (!result) std::printf("failed: %s\n", result.error().message.c_str());
  }
  std::printf("%3d clients  %8.0f durable writes/s\n", clients,
              clients * each * 2 / seconds_since(start));
}

template <class Work>
Task<Result<>> read_often(Store& store, int count, Work work) {
  for (int i = 0; i < count; ++i) {
    if (auto r = co_await store.read(work); !r) co_return r;
  }
  co_return ok();
}

template <class Work>
void measure_read(boost::asio::io_context& io, Store& store, const char* what, int count,
                  Work work) {
  const auto start = steady_clock::now();
  if (auto r = testing::run(io, read_often(store, count, work)); !r)
    std::printf("failed: %s\n", r.error().message.c_str());
  std::printf("%-44s %8.2f us\n", what, seconds_since(start) / count * 1e6);
}

void run_all(const std::string& folder) {
  const std::string path = folder + "/store_bench.db";
  for (const char* end : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path + end);
  boost::asio::io_context io(1);
  auto store = std::move(open_sqlite(io, {.path = path}).value());
  const Ids ids = testing::run(io, store->write([](Transaction& tx) -> Result<Ids> {
                    return fill(tx);
                  })).value();
  measure_writes(io, *store, ids, 1, 500, 1000);
  measure_writes(io, *store, ids, 64, 50, 10'000);
  measure_writes(io, *store, ids, 256, 30, 30'000);
  measure_read(io, *store, "empty read transaction", 100'000,
               [](Transaction&) -> Result<> { return ok(); });
  measure_read(io, *store, "session by hash", 50'000,
               [](Transaction& tx) -> Result<> { return tx.session("hashuser500"), ok(); });
  measure_read(io, *store, "session by hash and its user", 50'000, [](Transaction& tx) -> Result<> {
    return tx.user(tx.session("hashuser500")->uid), ok();
  });
  measure_read(io, *store, "container by id, with ports and gpus", 50'000,
               [](Transaction& tx) -> Result<> { return tx.container({500}), ok(); });
  measure_read(io, *store, "all 11,380 containers", 5,
               [](Transaction& tx) -> Result<> { return tx.containers(1'000'000), ok(); });
  measure_read(io, *store, "ledger of 11,380 rows that hold", 5,
               [ids](Transaction& tx) -> Result<> { return tx.ledger(*tx.device(ids.did)), ok(); });
}

}  // namespace
}  // namespace berth

int main(int argc, char** argv) { berth::run_all(argc > 1 ? argv[1] : "."); }
