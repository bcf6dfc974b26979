#include "control/told_store.hpp"

#include <algorithm>
#include <vector>

#include "store/forwarding_transaction.hpp"

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

// Writes down what is written. When somebody was last seen is only for people to see: nobody is
// told.
class NotingTransaction final : public ForwardingTransaction {
 public:
  NotingTransaction(Transaction& tx, Told& told) : ForwardingTransaction(tx), told_(told) {}

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
  ApiTokenId insert_api_token(const ApiTokenRow& token) override {
    note_account(token.uid);
    return tx_.insert_api_token(token);
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
