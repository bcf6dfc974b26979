#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace berth::sql {

class Session;

// The rows of one transaction that somebody else begins and ends. One set of SQL for SQLite and
// PostgreSQL; each subject has its file: users.cpp api_tokens.cpp devices.cpp images.cpp
// containers.cpp claims.cpp audit.cpp.
class SqlTransaction final : public Transaction {
 public:
  explicit SqlTransaction(Session& session) : session_(session) {}

  Result<UserId> insert_user(const UserRow& user) override;
  std::optional<UserRow> user(UserId uid) override;
  std::optional<UserRow> user_by_name(const std::string& name) override;
  std::vector<UserRow> users(std::size_t limit) override;
  std::int64_t count_users() override;
  void update_user(const UserRow& user) override;

  void insert_session(const SessionRow& session) override;
  std::optional<SessionRow> session(const std::string& token_hash) override;
  void touch_session(const std::string& token_hash, WallTime at) override;
  void delete_session(const std::string& token_hash) override;
  void delete_sessions_of(UserId uid) override;
  void trim_sessions(UserId uid, std::size_t keep) override;
  std::int64_t delete_expired_sessions(WallTime now, WallTime idle_since) override;

  ApiTokenId insert_api_token(const ApiTokenRow& token) override;
  std::optional<ApiTokenRow> api_token(const std::string& token_hash) override;
  std::vector<ApiTokenRow> api_tokens_of(UserId uid, std::size_t limit) override;
  void touch_api_token(ApiTokenId tid, WallTime at) override;
  bool delete_api_token(UserId uid, ApiTokenId tid) override;
  void delete_api_tokens_of(UserId uid) override;
  std::int64_t delete_api_tokens_expired(WallTime before) override;

  DeviceId insert_device(const DeviceRow& device) override;
  std::optional<DeviceRow> device(DeviceId did) override;
  std::vector<DeviceRow> devices(std::size_t limit) override;
  void update_device(const DeviceRow& device) override;
  std::vector<GpuRow> gpus(DeviceId did) override;
  std::optional<GpuRow> gpu(GpuId gid) override;
  GpuId put_gpu(const GpuRow& gpu) override;

  ImageId insert_image(const ImageRow& image) override;
  std::optional<ImageRow> image(ImageId iid) override;
  std::vector<ImageRow> images(std::size_t limit) override;
  std::vector<ImageRow> images_of(UserId owner, std::size_t limit) override;
  std::vector<ImageRow> public_images(std::size_t limit) override;
  std::vector<ImageRow> images_on(DeviceId did, std::size_t limit) override;
  void update_image(const ImageRow& image) override;
  void delete_image(ImageId iid) override;
  std::int64_t count_containers_of_image(ImageId iid) override;

  ContainerId insert_container(const ContainerRow& container) override;
  std::optional<ContainerRow> container(ContainerId cid) override;
  std::optional<ContainerRow> matlab_session(int slot) override;
  std::vector<ContainerRow> containers(std::size_t limit) override;
  std::vector<ContainerRow> containers_of(UserId owner, std::size_t limit) override;
  std::vector<ContainerRow> containers_on(DeviceId did, std::size_t limit) override;
  std::vector<ContainerRow> matlab_sessions(std::size_t limit) override;
  void update_container(const ContainerRow& container) override;
  void delete_container(ContainerId cid) override;
  std::int64_t count_containers_of(UserId owner) override;
  Ledger ledger(const DeviceRow& device) override;
  std::vector<int> used_ports(DeviceId did) override;

  void append_audit(const AuditRow& entry) override;
  std::vector<AuditRow> audit(std::size_t limit) override;
  std::vector<AuditRow> audit_before(std::int64_t before, const std::string& subject,
                                     std::size_t limit) override;

  std::optional<std::string> meta(const std::string& key) override;
  void set_meta(const std::string& key, const std::string& value) override;
  void delete_meta(const std::string& key) override;

 private:
  Session& session_;
};

}  // namespace berth::sql
