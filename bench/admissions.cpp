// admissions FOLDER together|alone CLIENTS EACH: durable admissions a second, on the disk that
// FOLDER is on. An admission is what POST /containers writes before it asks an engine: image,
// device, quota and ledger are read, the row, its ports and the audit line are written. "alone"
// commits each of them by itself.
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "fakes/run.hpp"
#include "store/sql/sql_store.hpp"

namespace berth {
namespace {

using std::chrono::steady_clock;

struct Client {
  UserId uid;
  ImageId iid;
};

// Each client with a device of its own: how admission grows with a device's size is another row's
// question.
Result<std::vector<Client>> fill(Transaction& tx, int clients) {
  std::vector<Client> all;
  for (int i = 0; i < clients; ++i) {
    const std::string name = "client" + std::to_string(i);
    const DeviceId did = tx.insert_device({.name = name,
                                           .cpu_cores = 1 << 20,
                                           .memory_mb = 1 << 30,
                                           .port_first = 1000,
                                           .port_last = 60'000});
    const ImageId iid = tx.insert_image({.did = did, .name = "i", .is_public = true});
    all.push_back({tx.insert_user({.name = name, .email = name}).value(), iid});
  }
  return all;
}

Result<ContainerId> admit(Transaction& tx, Client client) {
  const auto image = tx.image(client.iid);
  const auto device = tx.device(image->did);
  (void)tx.count_containers_of(client.uid);
  ContainerRow row{.owner = client.uid,
                   .did = device->did,
                   .iid = image->iid,
                   .name = "box",
                   .cpu_cores = 1,
                   .memory_mb = 64};
  Ledger ledger = tx.ledger(*device);
  if (auto r = ledger.claim(ContainerId{-1}, row.claim()); !r) return std::unexpected(r.error());
  const int port = 1000 + static_cast<int>(tx.used_ports(device->did).size());
  row.ports = {{22, port}, {8888, port + 1}, {6006, port + 2}};
  row.cid = tx.insert_container(row);
  row.sealed_password = std::string(64, 's');
  tx.update_container(row);
  tx.append_audit({.actor = client.uid, .action = "container.create", .outcome = "ok"});
  return row.cid;
}

Task<Result<>> admit_some(Store& store, Client client, int count) {
  for (int i = 0; i < count; ++i) {
    auto work = [client](Transaction& tx) { return admit(tx, client); };
    auto cid = co_await store.write(work);
    if (!cid) co_return std::unexpected(cid.error());
  }
  co_return ok();
}

int measure(const std::string& folder, bool is_alone, int clients, int each) {
  const std::string path = folder + "/admissions.db";
  boost::asio::io_context io(1);
  auto store = std::move(open_sqlite(io, {.path = path, .inline_writes = is_alone}).value());
  auto prepare = [clients](Transaction& tx) { return fill(tx, clients); };
  const auto all = testing::run(io, store->write(prepare)).value();
  std::vector<Task<Result<>>> tasks;
  for (const Client& client : all) tasks.push_back(admit_some(*store, client, each));
  const auto start = steady_clock::now();
  const auto results = testing::run_all(io, std::move(tasks));
  const auto seconds = std::chrono::duration<double>(steady_clock::now() - start).count();
  for (const auto& result : results) {
    if (!result) return std::fprintf(stderr, "%s\n", result.error().message.c_str()), 1;
  }
  std::printf("%.1f\n", clients * each / seconds);
  return 0;
}

}  // namespace
}  // namespace berth

int main(int count, char** words) {
  if (count != 5) return std::fprintf(stderr, "admissions FOLDER together|alone CLIENTS EACH\n"), 2;
  const bool is_alone = std::string_view(words[2]) == "alone";
  return berth::measure(words[1], is_alone, std::atoi(words[3]), std::atoi(words[4]));
}
