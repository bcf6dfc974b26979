#include "store_contract.hpp"

#include <cstdlib>
#include <sstream>

#include "store/sql/sql_store.hpp"

namespace berth {
namespace {

std::filesystem::path make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "berth-store-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  return name;
}

std::unique_ptr<Store> open_on_disk(boost::asio::io_context& io,
                                    const std::filesystem::path& folder) {
  return std::move(open_sqlite(io, {.path = folder / "berth.db"}).value());
}

std::unique_ptr<Store> open_inline(boost::asio::io_context& io,
                                   const std::filesystem::path& folder) {
  return std::move(open_sqlite(io, {.path = folder / "berth.db", .inline_writes = true}).value());
}

std::unique_ptr<Store> open_in_memory(boost::asio::io_context& io, const std::filesystem::path&) {
  return std::move(open_sqlite(io, {.path = ":memory:", .inline_writes = true}).value());
}

}  // namespace

const StoreBackend kOnDisk{"OnDisk", open_on_disk};
const StoreBackend kInline{"Inline", open_inline};
const StoreBackend kInMemory{"InMemory", open_in_memory};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, ::testing::Values(kOnDisk, kInline, kInMemory),
                         [](const auto& backend) { return backend.param.name; });
INSTANTIATE_TEST_SUITE_P(Sqlite, KeptStoreContract, ::testing::Values(kOnDisk, kInline),
                         [](const auto& backend) { return backend.param.name; });

StoreContract::StoreContract() : folder_(make_folder()), store_(GetParam().open(io_, folder_)) {}

StoreContract::~StoreContract() {
  store_.reset();
  std::filesystem::remove_all(folder_);
}

void StoreContract::reopen() {
  store_.reset();
  store_ = GetParam().open(io_, folder_);
}

UserId StoreContract::add_user(const std::string& name) {
  return commit([=](Transaction& tx) {
    return tx.insert_user({.name = name, .email = name + "@lab", .password_hash = "hash"}).value();
  });
}

DeviceId StoreContract::add_device(const std::string& name) {
  return commit([=](Transaction& tx) {
    return tx.insert_device({.name = name,
                             .endpoint = "unix:///run/docker.sock",
                             .engine_id = "engine",
                             .cpu_cores = 64,
                             .memory_mb = 512 * 1024,
                             .cpu_name = "EPYC",
                             .ip = "10.0.0.1",
                             .data_dir = "/data",
                             .pub_dir = "/pub",
                             .port_first = 30000,
                             .port_last = 39999});
  });
}

GpuId StoreContract::add_gpu(DeviceId did, const std::string& uuid) {
  return commit(
      [=](Transaction& tx) { return tx.put_gpu({.did = did, .uuid = uuid, .model = "RTX"}); });
}

ImageId StoreContract::add_image(DeviceId did, UserId owner, bool is_public) {
  return commit([=](Transaction& tx) {
    return tx.insert_image({.did = did,
                            .name = "image",
                            .owner = owner,
                            .is_public = is_public,
                            .reference = "berth/image:1",
                            .size_bytes = 5'000'000'000,
                            .created_at = from_unix_ms(1'764'000'000'123)});
  });
}

ContainerRow StoreContract::make_container(DeviceId did, UserId owner, ImageId iid) const {
  return {.owner = owner,
          .did = did,
          .iid = iid,
          .name = "box",
          .cpu_cores = 4,
          .memory_mb = 8192,
          .sealed_password = "sealed",
          .created_at = from_unix_ms(1'764'000'000'456)};
}

ContainerRow StoreContract::make_matlab(DeviceId did, int slot) const {
  return {.kind = ContainerKind::kMatlab,
          .did = did,
          .slot = slot,
          .session_id = "s" + std::to_string(slot),
          .name = "matlab-user-" + std::to_string(slot),
          .cpu_cores = 2,
          .memory_mb = 4096,
          .created_at = from_unix_ms(1'764'000'000'789)};
}

std::string words(const UserRow& u) {
  std::ostringstream out;
  out << u.uid.value << ' ' << u.name << ' ' << u.email << ' ' << u.password_hash << ' '
      << static_cast<int>(u.role) << ' ' << u.disabled << ' ' << to_unix_ms(u.created_at);
  return out.str();
}

std::string words(const ApiTokenRow& t) {
  std::ostringstream out;
  out << t.tid.value << ' ' << t.uid.value << ' ' << t.name << ' ' << t.token_hash << ' '
      << t.prefix << ' ' << t.scopes.read << t.scopes.write << t.scopes.admin << ' '
      << to_unix_ms(t.created_at) << ' ' << to_unix_ms(t.expires_at) << ' '
      << to_unix_ms(t.last_used_at);
  return out.str();
}

std::string words(const DeviceRow& d) {
  std::ostringstream out;
  out << d.did.value << ' ' << d.name << ' ' << d.endpoint << ' ' << d.engine_id << ' '
      << d.cpu_cores << ' ' << d.memory_mb << ' ' << d.cpu_name << ' ' << d.ip << ' ' << d.data_dir
      << ' ' << d.pub_dir << ' ' << d.port_first << '-' << d.port_last << ' ' << d.draining;
  return out.str();
}

std::string words(const ImageRow& i) {
  std::ostringstream out;
  out << i.iid.value << ' ' << i.did.value << ' ' << i.name << ' ' << i.owner.value << ' '
      << i.is_public << ' ' << i.reference << ' ' << i.size_bytes << ' '
      << static_cast<int>(i.state) << ' ' << i.source.value << ' ' << to_unix_ms(i.created_at);
  return out.str();
}

std::string words(const ContainerRow& c) {
  std::ostringstream out;
  out << c.cid.value << ' ' << static_cast<int>(c.kind) << ' ' << c.owner.value << ' '
      << c.did.value << ' ' << c.iid.value << ' ' << c.slot << ' ' << c.session_id << ' ' << c.name
      << ' ' << c.cpu_cores << ' ' << c.memory_mb << ' ' << to_string(c.wanted) << ' '
      << to_string(c.state) << ' ' << c.start_pending << c.holds << c.made << c.rebuild << ' '
      << c.generation << ' ' << c.sealed_password << ' ' << c.reason << ' '
      << to_unix_ms(c.created_at) << ' ' << to_unix_ms(c.started_at) << " gpus";
  for (GpuId gid : c.gpus) out << ' ' << gid.value;
  out << " ports";
  for (const PortRow& port : c.ports) out << ' ' << port.container_port << ':' << port.host_port;
  return out.str();
}

}  // namespace berth
