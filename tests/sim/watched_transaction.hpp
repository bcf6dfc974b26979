#pragma once

#include "store/forwarding_transaction.hpp"
#include "truths.hpp"

namespace berth::sim {

// Notes what is changed.
class WatchedTransaction final : public ForwardingTransaction {
 public:
  WatchedTransaction(Transaction& tx, Changes& changes)
      : ForwardingTransaction(tx), changes_(changes) {}

  Result<UserId> insert_user(const UserRow& user) override {
    auto uid = tx_.insert_user(user);
    if (uid) changes_.users.push_back(*uid);
    return uid;
  }

  DeviceId insert_device(const DeviceRow& device) override {
    const DeviceId did = tx_.insert_device(device);
    changes_.devices.push_back(device);
    changes_.devices.back().did = did;
    return did;
  }
  void update_device(const DeviceRow& device) override {
    tx_.update_device(device);
    changes_.devices.push_back(device);
  }
  GpuId put_gpu(const GpuRow& gpu) override {
    const GpuId gid = tx_.put_gpu(gpu);
    changes_.gpus.push_back(gpu);
    changes_.gpus.back().gid = gid;
    return gid;
  }

  ImageId insert_image(const ImageRow& image) override {
    const ImageId iid = tx_.insert_image(image);
    changes_.images_inserted.push_back(image);
    changes_.images_inserted.back().iid = iid;
    return iid;
  }
  void update_image(const ImageRow& image) override {
    tx_.update_image(image);
    changes_.images.push_back(image);
  }
  void delete_image(ImageId iid) override {
    tx_.delete_image(iid);
    changes_.images_deleted.push_back(iid);
  }

  ContainerId insert_container(const ContainerRow& row) override {
    const ContainerId cid = tx_.insert_container(row);
    changes_.inserted.push_back(row);
    changes_.inserted.back().cid = cid;
    return cid;
  }
  void update_container(const ContainerRow& row) override {
    tx_.update_container(row);
    changes_.updated.push_back(row);
  }
  void delete_container(ContainerId cid) override {
    tx_.delete_container(cid);
    changes_.deleted.push_back(cid);
  }

  void append_audit(const AuditRow& entry) override {
    tx_.append_audit(entry);
    changes_.audits.push_back(entry);
  }

 private:
  Changes& changes_;
};

}  // namespace berth::sim
