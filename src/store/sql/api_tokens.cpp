#include "store/sql/session.hpp"
#include "store/sql/sql_transaction.hpp"

namespace berth::sql {
namespace {

constexpr Literal kToken =
    "select tid, uid, name, token_hash, prefix, may_read, may_write, may_admin, created_at, "
    "expires_at, last_used_at from api_tokens ";
constexpr auto kTokenByHash = kToken + "where token_hash = :token_hash";
constexpr auto kTokensOfUser = kToken + "where uid = :uid order by tid limit :most";

auto token_columns(ApiTokenRow& t) {
  return std::tie(t.tid, t.uid, t.name, t.token_hash, t.prefix, t.scopes.read, t.scopes.write,
                  t.scopes.admin, t.created_at, t.expires_at, t.last_used_at);
}

}  // namespace

ApiTokenId SqlTransaction::insert_api_token(const ApiTokenRow& t) {
  return *session_.value<ApiTokenId>(
      "insert into api_tokens (uid, name, token_hash, prefix, may_read, may_write, may_admin, "
      "created_at, expires_at, last_used_at) values (:uid, :name, :token_hash, :prefix, :may_read, "
      ":may_write, :may_admin, :created_at, :expires_at, :last_used_at) returning tid",
      t.uid, t.name, t.token_hash, t.prefix, t.scopes.read, t.scopes.write, t.scopes.admin,
      t.created_at, t.expires_at, t.last_used_at);
}

std::optional<ApiTokenRow> SqlTransaction::api_token(const std::string& token_hash) {
  return session_.row<ApiTokenRow>(kTokenByHash, token_columns, token_hash);
}

std::vector<ApiTokenRow> SqlTransaction::api_tokens_of(UserId uid, std::size_t limit) {
  return session_.rows<ApiTokenRow>(kTokensOfUser, token_columns, uid, limit);
}

void SqlTransaction::touch_api_token(ApiTokenId tid, WallTime at) {
  session_.run("update api_tokens set last_used_at = :at where tid = :tid", at, tid);
}

bool SqlTransaction::delete_api_token(UserId uid, ApiTokenId tid) {
  return session_.run("delete from api_tokens where uid = :uid and tid = :tid", uid, tid) > 0;
}

void SqlTransaction::delete_api_tokens_of(UserId uid) {
  session_.run("delete from api_tokens where uid = :uid", uid);
}

std::int64_t SqlTransaction::delete_api_tokens_expired(WallTime before) {
  return session_.run("delete from api_tokens where expires_at < :before", before);
}

}  // namespace berth::sql
