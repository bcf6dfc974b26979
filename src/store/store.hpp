#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "async/task.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "core/ledger.hpp"
#include "core/life_cycle.hpp"

namespace berth {

enum class Role { kUser, kAdmin };

struct UserRow {
  UserId uid;
  std::string name;   // unique, whatever the case
  std::string email;  // unique, whatever the case
  std::string password_hash;
  Role role = Role::kUser;
  bool disabled = false;
  WallTime created_at{};
};

struct SessionRow {
  std::string token_hash;
  UserId uid;
  WallTime created_at{};
  WallTime last_seen_at{};
  WallTime expires_at{};
};

// What a token lets a script do of what its owner may: `admin` all of it, `write` all but what is
// for admins, `read` of that only what changes nothing.
struct ApiTokenScopes {
  bool read = false;
  bool write = false;
  bool admin = false;

  bool operator==(const ApiTokenScopes&) const = default;
};

struct ApiTokenRow {
  ApiTokenId tid;
  UserId uid;
  std::string name;
  std::string token_hash;
  std::string prefix;  // its first characters, for people to know it by
  ApiTokenScopes scopes;
  WallTime created_at{};
  WallTime expires_at{};
  WallTime last_used_at{};  // 0: never
};

struct DeviceRow {
  DeviceId did;
  std::string name;
  std::string endpoint;   // of its engine
  std::string engine_id;  // the engine that was there at first: another one is not trusted
  int cpu_cores = 0;
  std::int64_t memory_mb = 0;
  std::string cpu_name;
  std::string ip;        // where people reach it
  std::string data_dir;  // on the device's disk
  std::string pub_dir;   // empty = none
  int port_first = 0;
  int port_last = 0;
  bool draining = false;  // nothing new is placed there
};

struct GpuRow {
  GpuId gid;
  DeviceId did;
  std::string uuid;
  std::string model;  // as shown: "RTX 4060 Ti 16GB"
  bool present = true;
};

enum class ImageState { kSaving, kReady, kRemoving };

struct ImageRow {
  ImageId iid;
  DeviceId did;
  std::string name;
  UserId owner;  // none: belongs to nobody, and is public
  bool is_public = false;
  std::string reference;  // what the engine knows it by: a tag
  std::int64_t size_bytes = 0;
  ImageState state = ImageState::kReady;
  ContainerId source;  // the container it was saved from
  WallTime created_at{};
};

enum class ContainerKind { kWorkspace, kMatlab };

struct PortRow {
  int container_port = 0;
  int host_port = 0;
};

struct ContainerRow {
  ContainerId cid;
  ContainerKind kind = ContainerKind::kWorkspace;
  UserId owner;  // none for a MATLAB session
  DeviceId did;
  ImageId iid;             // none for a MATLAB session
  int slot = 0;            // the user_id of a MATLAB session, unique; else 0
  std::string session_id;  // of a MATLAB session, for the logs
  std::string name;
  int cpu_cores = 0;
  std::int64_t memory_mb = 0;
  std::vector<GpuId> gpus;     // held while `holds`, remembered while stopped
  std::vector<PortRow> ports;  // unique on the device as long as the row lives
  Wanted wanted = Wanted::kRunning;
  State state = State::kCreating;
  bool start_pending = true;
  bool holds = true;  // its claim counts against the device
  bool made = false;
  bool rebuild = false;
  int generation =
      1;  // of the engine container that has the files; its successor is generation + 1
  std::string sealed_password;
  std::string reason;  // why it is as it is: "exit code 137", "out of memory", ...
  WallTime created_at{};
  WallTime started_at{};

  Claim claim() const { return {cpu_cores, memory_mb, {gpus.begin(), gpus.end()}}; }
};

struct AuditRow {
  WallTime at{};
  UserId actor;         // none: the system, or the admin socket
  std::string action;   // container.create, user.login, ...
  std::string subject;  // "cid 7", a user name
  std::string outcome;  // "ok", or the refusal's code
  std::int64_t id = 0;  // given by the store, ascending
};

// Typed rows inside one transaction. Lists are bounded by `limit` and ordered by id. A broken
// database throws, and the store turns that into an error value at its edge; what is expected to be
// refused is a value here.
class Transaction {
 public:
  virtual ~Transaction() = default;

  // kConflict when name or e-mail is taken.
  virtual Result<UserId> insert_user(const UserRow& user) = 0;
  virtual std::optional<UserRow> user(UserId uid) = 0;
  virtual std::optional<UserRow> user_by_name(const std::string& name) = 0;
  virtual std::vector<UserRow> users(std::size_t limit) = 0;
  virtual std::int64_t count_users() = 0;
  virtual void update_user(const UserRow& user) = 0;  // password_hash, role, disabled

  virtual void insert_session(const SessionRow& session) = 0;
  virtual std::optional<SessionRow> session(const std::string& token_hash) = 0;
  virtual void touch_session(const std::string& token_hash, WallTime at) = 0;
  virtual void delete_session(const std::string& token_hash) = 0;
  virtual void delete_sessions_of(UserId uid) = 0;
  // The oldest ones go when a user would have more than `keep`.
  virtual void trim_sessions(UserId uid, std::size_t keep) = 0;
  virtual std::int64_t delete_expired_sessions(WallTime now, WallTime idle_since) = 0;

  virtual ApiTokenId insert_api_token(const ApiTokenRow& token) = 0;
  virtual std::optional<ApiTokenRow> api_token(const std::string& token_hash) = 0;
  virtual std::vector<ApiTokenRow> api_tokens_of(UserId uid, std::size_t limit) = 0;
  virtual void touch_api_token(ApiTokenId tid, WallTime at) = 0;
  // Whether that user had such a token.
  virtual bool delete_api_token(UserId uid, ApiTokenId tid) = 0;
  virtual void delete_api_tokens_of(UserId uid) = 0;
  virtual std::int64_t delete_api_tokens_expired(WallTime before) = 0;

  virtual DeviceId insert_device(const DeviceRow& device) = 0;
  virtual std::optional<DeviceRow> device(DeviceId did) = 0;
  virtual std::vector<DeviceRow> devices(std::size_t limit) = 0;
  virtual void update_device(const DeviceRow& device) = 0;
  virtual std::vector<GpuRow> gpus(DeviceId did) = 0;
  virtual std::optional<GpuRow> gpu(GpuId gid) = 0;
  // By device and uuid: inserts, or updates model and presence. Returns its id, which a card keeps
  // for ever.
  virtual GpuId put_gpu(const GpuRow& gpu) = 0;

  virtual ImageId insert_image(const ImageRow& image) = 0;
  virtual std::optional<ImageRow> image(ImageId iid) = 0;
  virtual std::vector<ImageRow> images(std::size_t limit) = 0;
  virtual std::vector<ImageRow> images_of(UserId owner, std::size_t limit) = 0;
  virtual std::vector<ImageRow> public_images(std::size_t limit) = 0;
  virtual std::vector<ImageRow> images_on(DeviceId did, std::size_t limit) = 0;
  virtual void update_image(const ImageRow& image) = 0;  // all but iid, did, source
  virtual void delete_image(ImageId iid) = 0;
  virtual std::int64_t count_containers_of_image(ImageId iid) = 0;

  // Ports and GPUs go with it; a port or a held GPU that another row has breaks the transaction
  // (the last guard).
  virtual ContainerId insert_container(const ContainerRow& container) = 0;
  virtual std::optional<ContainerRow> container(ContainerId cid) = 0;
  virtual std::optional<ContainerRow> matlab_session(int slot) = 0;
  virtual std::vector<ContainerRow> containers(std::size_t limit) = 0;
  virtual std::vector<ContainerRow> containers_of(UserId owner,
                                                  std::size_t limit) = 0;  // workspaces
  virtual std::vector<ContainerRow> containers_on(DeviceId did, std::size_t limit) = 0;
  virtual std::vector<ContainerRow> matlab_sessions(std::size_t limit) = 0;  // ordered by slot
  virtual void update_container(
      const ContainerRow& container) = 0;  // all but ids, kind and created_at
  virtual void delete_container(ContainerId cid) = 0;
  virtual std::int64_t count_containers_of(UserId owner) = 0;
  // The device's ledger as its rows have it: capacity from the device and its present GPUs, claims
  // of rows that hold.
  virtual Ledger ledger(const DeviceRow& device) = 0;
  virtual std::vector<int> used_ports(DeviceId did) = 0;

  virtual void append_audit(const AuditRow& entry) = 0;
  virtual std::vector<AuditRow> audit(std::size_t limit) = 0;  // newest first
  // The same, only those older than the entry `before` (0: all) and about `subject` (empty: about
  // anything).
  virtual std::vector<AuditRow> audit_before(std::int64_t before, const std::string& subject,
                                             std::size_t limit) = 0;

  virtual std::optional<std::string> meta(const std::string& key) = 0;
  virtual void set_meta(const std::string& key, const std::string& value) = 0;
  virtual void delete_meta(const std::string& key) = 0;
};

// The database. `work` is a plain function from Transaction& to Result<T>: it runs in one
// transaction, sees a consistent state, and may be run again, so it changes nothing outside. A
// value commits, an error rolls back and is returned. kUnavailable: the database could not be
// reached, is full or locked; nothing was done.
class Store {
 public:
  virtual ~Store() = default;

  // Reads only. Never waits for a writer.
  template <class Work, class R = std::invoke_result_t<Work, Transaction&>>
  Task<R> read(Work work) {
    std::optional<R> result;
    auto body = [&](Transaction& tx) { return keep(result, work(tx)); };
    Result<> done = co_await run_read(body);
    co_return outcome(std::move(done), std::move(result));
  }

  // On return the transaction is on disk. Transactions that arrive together share one commit.
  template <class Work, class R = std::invoke_result_t<Work, Transaction&>>
  Task<R> write(Work work) {
    std::optional<R> result;
    auto body = [&](Transaction& tx) { return keep(result, work(tx)); };
    auto writes = writes_;  // a write that waits when the store closes comes back after it
    Result<> done = co_await run_write(body);
    ++*writes;
    co_return outcome(std::move(done), std::move(result));
  }

  // How many writes have come back, whatever came of them: as long as it stays the same, a read
  // that began after the last of them gives the same again. A write counts before its caller goes
  // on.
  std::uint64_t writes() const { return *writes_; }

 protected:
  using Body = std::function<Result<>(Transaction&)>;
  virtual Task<Result<>> run_read(Body body) = 0;
  virtual Task<Result<>> run_write(Body body) = 0;

 private:
  template <class R>
  static Result<> keep(std::optional<R>& slot, R result) {
    slot.emplace(std::move(result));
    if (!slot->has_value()) return std::unexpected(slot->error());
    return {};
  }

  // The work's own result counts only when the transaction went through.
  template <class R>
  static R outcome(Result<> done, std::optional<R> result) {
    if (!done) return std::unexpected(std::move(done.error()));
    return std::move(*result);
  }

  std::shared_ptr<std::uint64_t> writes_ = std::make_shared<std::uint64_t>(0);
};

}  // namespace berth
