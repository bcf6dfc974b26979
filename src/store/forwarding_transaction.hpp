#pragma once

#include "store/store.hpp"

namespace berth {

// Passes everything on: for those that look at some calls of another.
class ForwardingTransaction : public Transaction {
 public:
  explicit ForwardingTransaction(Transaction& tx) : tx_(tx) {}

  Result<UserId> insert_user(const UserRow& user) override { return tx_.insert_user(user); }
  std::optional<UserRow> user(UserId uid) override { return tx_.user(uid); }
  std::optional<UserRow> user_by_name(const std::string& name) override {
    return tx_.user_by_name(name);
  }
  std::vector<UserRow> users(std::size_t limit) override { return tx_.users(limit); }
  std::int64_t count_users() override { return tx_.count_users(); }
  void update_user(const UserRow& user) override { tx_.update_user(user); }
  void insert_session(const SessionRow& session) override { tx_.insert_session(session); }
  std::optional<SessionRow> session(const std::string& token_hash) override {
    return tx_.session(token_hash);
  }
  void touch_session(const std::string& token_hash, WallTime at) override {
    tx_.touch_session(token_hash, at);
  }
  void delete_session(const std::string& token_hash) override { tx_.delete_session(token_hash); }
  void delete_sessions_of(UserId uid) override { tx_.delete_sessions_of(uid); }
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
  void touch_api_token(ApiTokenId tid, WallTime at) override { tx_.touch_api_token(tid, at); }
  bool delete_api_token(UserId uid, ApiTokenId tid) override {
    return tx_.delete_api_token(uid, tid);
  }
  void delete_api_tokens_of(UserId uid) override { tx_.delete_api_tokens_of(uid); }
  std::int64_t delete_api_tokens_expired(WallTime before) override {
    return tx_.delete_api_tokens_expired(before);
  }
  DeviceId insert_device(const DeviceRow& device) override { return tx_.insert_device(device); }
  std::optional<DeviceRow> device(DeviceId did) override { return tx_.device(did); }
  std::vector<DeviceRow> devices(std::size_t limit) override { return tx_.devices(limit); }
  void update_device(const DeviceRow& device) override { tx_.update_device(device); }
  std::vector<GpuRow> gpus(DeviceId did) override { return tx_.gpus(did); }
  std::optional<GpuRow> gpu(GpuId gid) override { return tx_.gpu(gid); }
  GpuId put_gpu(const GpuRow& gpu) override { return tx_.put_gpu(gpu); }
  ImageId insert_image(const ImageRow& image) override { return tx_.insert_image(image); }
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
  void update_image(const ImageRow& image) override { tx_.update_image(image); }
  void delete_image(ImageId iid) override { tx_.delete_image(iid); }
  std::int64_t count_containers_of_image(ImageId iid) override {
    return tx_.count_containers_of_image(iid);
  }
  ContainerId insert_container(const ContainerRow& container) override {
    return tx_.insert_container(container);
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
  void update_container(const ContainerRow& container) override { tx_.update_container(container); }
  void delete_container(ContainerId cid) override { tx_.delete_container(cid); }
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

 protected:
  Transaction& tx_;
};

}  // namespace berth
