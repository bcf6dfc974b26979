#include "control/told_store.hpp"

#include <algorithm>
#include <vector>

namespace berth {
namespace {

// What one transaction wrote, each thing once.
using Told = std::vector<Change>;

void note(Told& told, Change change) {
  if (std::ranges::find(told, change) == told.end()) told.push_back(std::move(change));
}

// What others see of a container: what it takes from its device.
bool is_another_load(const ContainerRow& before, const ContainerRow& after) {
  return before.holds != after.holds || before.state != after.state || before.gpus != after.gpus;
}

// Passes everything on, and writes down what is written.
class NotingTransaction final : public Transaction {
 public:
  NotingTransaction(Transaction& tx, Told& told) : tx_(tx), told_(told) {}

  Result<UserId> insert_user(const UserRow& user) override {
    auto uid = tx_.insert_user(user);
    if (uid) note_account(*uid);
    return uid;
  }
  void update_user(const UserRow& user) override {
    note_account(user.uid);
    tx_.update_user(user);
  }
  void delete_session(const std::string& token_hash) override {
    if (auto session = tx_.session(token_hash)) note_account(session->uid);
    tx_.delete_session(token_hash);
  }
  void delete_sessions_of(UserId uid) override {
    note_account(uid);
    tx_.delete_sessions_of(uid);
  }
  // What is followed with a token ends with it.
  bool delete_api_token(UserId uid, ApiTokenId tid) override {
    note_account(uid);
    return tx_.delete_api_token(uid, tid);
  }
  void delete_api_tokens_of(UserId uid) override {
    note_account(uid);
    tx_.delete_api_tokens_of(uid);
  }
  // Only for people to see, and once a minute: nobody is told.
  void touch_session(const std::string& token_hash, WallTime at) override {
    tx_.touch_session(token_hash, at);
  }
  void touch_api_token(ApiTokenId tid, WallTime at) override { tx_.touch_api_token(tid, at); }

  DeviceId insert_device(const DeviceRow& device) override {
    const DeviceId did = tx_.insert_device(device);
    note_device(did);
    return did;
  }
  void update_device(const DeviceRow& device) override {
    note_device(device.did);
    tx_.update_device(device);
  }
  GpuId put_gpu(const GpuRow& gpu) override {
    note_device(gpu.did);
    return tx_.put_gpu(gpu);
  }

  ImageId insert_image(const ImageRow& image) override {
    const ImageId iid = tx_.insert_image(image);
    note_image(iid, image);
    return iid;
  }
  void update_image(const ImageRow& image) override {
    // Those who could see it before must hear that they cannot any more.
    if (auto before = tx_.image(image.iid); before && before->is_public != image.is_public) {
      note_image(image.iid, *before);
    }
    note_image(image.iid, image);
    tx_.update_image(image);
  }
  void delete_image(ImageId iid) override {
    if (auto image = tx_.image(iid)) note_image(iid, *image);
    tx_.delete_image(iid);
  }

  ContainerId insert_container(const ContainerRow& row) override {
    const ContainerId cid = tx_.insert_container(row);
    note_container(cid, row);
    note_device(row.did);
    return cid;
  }
  void update_container(const ContainerRow& row) override {
    if (auto before = tx_.container(row.cid); before && is_another_load(*before, row)) {
      note_device(row.did);
    }
    note_container(row.cid, row);
    tx_.update_container(row);
  }
  void delete_container(ContainerId cid) override {
    if (auto row = tx_.container(cid)) {
      note_container(cid, *row);
      note_device(row->did);
    }
    tx_.delete_container(cid);
  }

  std::optional<UserRow> user(UserId uid) override { return tx_.user(uid); }
  std::optional<UserRow> user_by_name(const std::string& name) override {
    return tx_.user_by_name(name);
  }
  std::vector<UserRow> users(std::size_t limit) override { return tx_.users(limit); }
  std::int64_t count_users() override { return tx_.count_users(); }
  void insert_session(const SessionRow& session) override { tx_.insert_session(session); }
  std::optional<SessionRow> session(const std::string& token_hash) override {
    return tx_.session(token_hash);
  }
  void trim_sessions(UserId uid, std::size_t keep) override { tx_.trim_sessions(uid, keep); }
  std::int64_t delete_expired_sessions(WallTime now, WallTime idle_since) override {
    return tx_.delete_expired_sessions(now, idle_since);
  }
  ApiTokenId insert_api_token(const ApiTokenRow& token) override {
    return tx_.insert_api_token(token);
  }
  std::optional<ApiTokenRow> api_token(const std::string& token_hash) override {
    return tx_.api_token(token_hash);
  }
  std::vector<ApiTokenRow> api_tokens_of(UserId uid, std::size_t limit) override {
    return tx_.api_tokens_of(uid, limit);
  }
  std::int64_t delete_api_tokens_expired(WallTime before) override {
    return tx_.delete_api_tokens_expired(before);
  }
  std::optional<DeviceRow> device(DeviceId did) override { return tx_.device(did); }
  std::vector<DeviceRow> devices(std::size_t limit) override { return tx_.devices(limit); }
  std::vector<GpuRow> gpus(DeviceId did) override { return tx_.gpus(did); }
  std::optional<GpuRow> gpu(GpuId gid) override { return tx_.gpu(gid); }
  std::optional<ImageRow> image(ImageId iid) override { return tx_.image(iid); }
  std::vector<ImageRow> images(std::size_t limit) override { return tx_.images(limit); }
  std::vector<ImageRow> images_of(UserId owner, std::size_t limit) override {
    return tx_.images_of(owner, limit);
  }
  std::vector<ImageRow> public_images(std::size_t limit) override {
    return tx_.public_images(limit);
  }
  std::vector<ImageRow> images_on(DeviceId did, std::size_t limit) override {
    return tx_.images_on(did, limit);
  }
  std::int64_t count_containers_of_image(ImageId iid) override {
    return tx_.count_containers_of_image(iid);
  }
  std::optional<ContainerRow> container(ContainerId cid) override { return tx_.container(cid); }
  std::optional<ContainerRow> matlab_session(int slot) override { return tx_.matlab_session(slot); }
  std::vector<ContainerRow> containers(std::size_t limit) override { return tx_.containers(limit); }
  std::vector<ContainerRow> containers_of(UserId owner, std::size_t limit) override {
    return tx_.containers_of(owner, limit);
  }
  std::vector<ContainerRow> containers_on(DeviceId did, std::size_t limit) override {
    return tx_.containers_on(did, limit);
  }
  std::vector<ContainerRow> matlab_sessions(std::size_t limit) override {
    return tx_.matlab_sessions(limit);
  }
  std::int64_t count_containers_of(UserId owner) override { return tx_.count_containers_of(owner); }
  Ledger ledger(const DeviceRow& device) override { return tx_.ledger(device); }
  std::vector<int> used_ports(DeviceId did) override { return tx_.used_ports(did); }
  void append_audit(const AuditRow& entry) override { tx_.append_audit(entry); }
  std::vector<AuditRow> audit(std::size_t limit) override { return tx_.audit(limit); }
  std::vector<AuditRow> audit_before(std::int64_t before, const std::string& subject,
                                     std::size_t limit) override {
    return tx_.audit_before(before, subject, limit);
  }
  std::optional<std::string> meta(const std::string& key) override { return tx_.meta(key); }
  void set_meta(const std::string& key, const std::string& value) override {
    tx_.set_meta(key, value);
  }
  void delete_meta(const std::string& key) override { tx_.delete_meta(key); }

 private:
  void note_account(UserId uid) {
    note(told_, {.kind = Change::Kind::kAccount, .id = uid.value, .owner = uid});
  }
  void note_device(DeviceId did) {
    note(told_, {.kind = Change::Kind::kDevice, .id = did.value, .is_everybodys = true});
  }
  void note_image(ImageId iid, const ImageRow& image) {
    note(told_, {.kind = Change::Kind::kImage,
                 .id = iid.value,
                 .owner = image.owner,
                 .is_everybodys = image.is_public});
  }
  void note_container(ContainerId cid, const ContainerRow& row) {
    if (row.kind == ContainerKind::kMatlab) {
      note(told_, {.kind = Change::Kind::kMatlab, .id = row.slot});
    } else {
      note(told_, {.kind = Change::Kind::kContainer, .id = cid.value, .owner = row.owner});
    }
  }

  Transaction& tx_;
  Told& told_;
};

}  // namespace

Task<Result<>> ToldStore::run_read(Body body) {
  auto work = [&body](Transaction& tx) -> Result<> { return body(tx); };
  co_return co_await store_.read(work);
}

Task<Result<>> ToldStore::run_write(Body body) {
  Told told;
  auto work = [&body, &told](Transaction& tx) -> Result<> {
    told.clear();  // it may run again
    NotingTransaction noting(tx, told);
    return body(noting);
  };
  auto done = co_await store_.write(work);
  if (done) {
    for (const Change& change : told) changes_.publish(change);
  }
  co_return done;
}

}  // namespace berth
