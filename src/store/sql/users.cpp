#include "store/sql/session.hpp"
#include "store/sql/sql_transaction.hpp"

namespace berth::sql {
namespace {

constexpr Literal kUser =
    "select uid, name, email, password_hash, role, disabled, created_at from users ";
constexpr auto kUserByUid = kUser + "where uid = :uid";
constexpr auto kUserByName = kUser + "where name = :name";
constexpr auto kUsers = kUser + "order by uid limit :most";

auto user_columns(UserRow& u) {
  return std::tie(u.uid, u.name, u.email, u.password_hash, u.role, u.disabled, u.created_at);
}

auto session_columns(SessionRow& s) {
  return std::tie(s.token_hash, s.uid, s.created_at, s.last_seen_at, s.expires_at);
}

}  // namespace

Result<UserId> SqlTransaction::insert_user(const UserRow& u) {
  auto uid = session_.value<UserId>(
      "insert into users (name, email, password_hash, role, disabled, created_at) "
      "values (:name, :email, :password_hash, :role, :disabled, :created_at) "
      "on conflict do nothing returning uid",
      u.name, u.email, u.password_hash, u.role, u.disabled, u.created_at);
  if (!uid) return fail(ErrorCode::kConflict, "the name or the e-mail is taken");
  return *uid;
}

std::optional<UserRow> SqlTransaction::user(UserId uid) {
  return session_.row<UserRow>(kUserByUid, user_columns, uid);
}

std::optional<UserRow> SqlTransaction::user_by_name(const std::string& name) {
  return session_.row<UserRow>(kUserByName, user_columns, name);
}

std::vector<UserRow> SqlTransaction::users(std::size_t limit) {
  return session_.rows<UserRow>(kUsers, user_columns, limit);
}

std::int64_t SqlTransaction::count_users() {
  return *session_.value<std::int64_t>("select count(*) from users");
}

void SqlTransaction::update_user(const UserRow& u) {
  session_.run(
      "update users set password_hash = :password_hash, role = :role, disabled = :disabled where "
      "uid = :uid",
      u.password_hash, u.role, u.disabled, u.uid);
}

void SqlTransaction::insert_session(const SessionRow& s) {
  session_.run(
      "insert into sessions (token_hash, uid, created_at, last_seen_at, expires_at) "
      "values (:token_hash, :uid, :created_at, :last_seen_at, :expires_at)",
      s.token_hash, s.uid, s.created_at, s.last_seen_at, s.expires_at);
}

std::optional<SessionRow> SqlTransaction::session(const std::string& token_hash) {
  return session_.row<SessionRow>(
      "select token_hash, uid, created_at, last_seen_at, expires_at from sessions where token_hash "
      "= :token_hash",
      session_columns, token_hash);
}

void SqlTransaction::touch_session(const std::string& token_hash, WallTime at) {
  session_.run("update sessions set last_seen_at = :at where token_hash = :token_hash", at,
               token_hash);
}

void SqlTransaction::delete_session(const std::string& token_hash) {
  session_.run("delete from sessions where token_hash = :token_hash", token_hash);
}

void SqlTransaction::delete_sessions_of(UserId uid) {
  session_.run("delete from sessions where uid = :uid", uid);
}

void SqlTransaction::trim_sessions(UserId uid, std::size_t keep) {
  session_.run(
      "delete from sessions where uid = :uid and sid not in "
      "(select sid from sessions where uid = :same_uid order by sid desc limit :keep)",
      uid, uid, keep);
}

std::int64_t SqlTransaction::delete_expired_sessions(WallTime now, WallTime idle_since) {
  return session_.run("delete from sessions where expires_at <= :now or last_seen_at < :idle_since",
                      now, idle_since);
}

}  // namespace berth::sql
