#include "control/api_tokens.hpp"

#include <optional>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "control/audit.hpp"
#include "core/rules.hpp"
#include "secrets/tokens.hpp"

namespace berth {
namespace {

// So that people and secret scanners know one when they see it.
constexpr char kMark[] = "berth_";
constexpr std::size_t kShownCharacters = 10;  // 24 of its 256 random bits
constexpr auto kTouchEvery = std::chrono::minutes(1);
constexpr auto kKeptExpired = std::chrono::days(30);

std::unexpected<Error> not_logged_in() {
  return fail(ErrorCode::kUnauthenticated, "not logged in");
}

std::string subject(ApiTokenId tid) { return "tid " + std::to_string(tid.value); }

Result<> check(const Actor& actor, const NewApiToken& wanted) {
  if (auto r = rules::check_name("name", wanted.name); !r) return r;
  if (wanted.scopes == ApiTokenScopes{})
    return fail(ErrorCode::kInvalid, "scopes: must name at least one");
  if (wanted.days < 1 || wanted.days > limits::kApiTokenDays)
    return fail(ErrorCode::kInvalid, "expires_days: must be a whole number between 1 and 365");
  if (wanted.scopes.admin && !actor.is_admin())
    return fail(ErrorCode::kForbidden, "only an admin may do this",
                "the scope admin is for accounts with that role");
  return ok();
}

}  // namespace

Task<Result<MadeApiToken>> ApiTokens::add(Actor actor, NewApiToken wanted) {
  if (auto r = check(actor, wanted); !r) co_return std::unexpected(r.error());
  const std::string token = kMark + secrets::make_token();
  const WallTime now = clock_.now();
  const ApiTokenRow row{.uid = actor.uid,
                        .name = wanted.name,
                        .token_hash = secrets::hash_token(token),
                        .prefix = token.substr(0, kShownCharacters),
                        .scopes = wanted.scopes,
                        .created_at = now,
                        .expires_at = now + std::chrono::days(wanted.days)};
  auto work = [row](Transaction& tx) -> Result<ApiTokenRow> {
    if (tx.api_tokens_of(row.uid, limits::kApiTokensPerUser).size() == limits::kApiTokensPerUser)
      return fail(ErrorCode::kExhausted, "you have too many tokens, revoke one first");
    ApiTokenRow made = row;
    made.tid = tx.insert_api_token(made);
    audit(tx, made.created_at, made.uid, "token.add", subject(made.tid));
    return made;
  };
  auto made = co_await store_.write(work);
  if (!made) co_return std::unexpected(made.error());
  co_return MadeApiToken{token, *made};
}

Task<Result<std::vector<ApiTokenRow>>> ApiTokens::list(Actor actor) {
  auto work = [uid = actor.uid](Transaction& tx) -> Result<std::vector<ApiTokenRow>> {
    return tx.api_tokens_of(uid, limits::kApiTokensPerUser);
  };
  co_return co_await store_.read(work);
}

Task<Result<>> ApiTokens::revoke(Actor actor, ApiTokenId tid) {
  const WallTime now = clock_.now();
  auto work = [uid = actor.uid, tid, now](Transaction& tx) -> Result<> {
    if (!tx.delete_api_token(uid, tid)) return fail(ErrorCode::kNotFound, "no such token");
    audit(tx, now, uid, "token.revoke", subject(tid));
    return ok();
  };
  co_return co_await store_.write(work);
}

// Found by its hash: how long that takes tells of the hash's first digits, and from a hash nobody
// gets to a token.
Task<Result<ApiTokenUser>> ApiTokens::authenticate(std::string token, std::string peer) {
  struct Found {
    ApiTokenRow token;
    UserRow user;
  };
  const std::string hash = secrets::hash_token(token);
  auto work = [hash](Transaction& tx) -> Result<std::optional<Found>> {
    auto row = tx.api_token(hash);
    if (!row) return std::nullopt;
    auto user = tx.user(row->uid);
    if (!user || user->disabled) return not_logged_in();
    return Found{*row, *user};
  };
  auto found = co_await store_.read(work);
  if (!found) co_return std::unexpected(found.error());
  if (!*found) co_return refuse_guess(peer);
  const auto& [row, user] = **found;
  const WallTime now = clock_.now();
  if (now >= row.expires_at) co_return not_logged_in();
  if (now - row.last_used_at >= kTouchEvery) co_await touch(row.tid, now);
  const Role role = row.scopes.admin ? user.role : Role::kUser;
  co_return ApiTokenUser{{user.uid, user.name, role}, row.scopes};
}

// After the look-up, so that whoever has a good token is let in whatever others at his address do;
// 256 random bits are not found by guessing, however fast.
std::unexpected<Error> ApiTokens::refuse_guess(const std::string& peer) {
  constexpr char kGuesses[] = "api token";
  const auto now = clock_.steady();
  if (auto r = attempts_.admit(kGuesses, peer, now); !r) return std::unexpected(r.error());
  attempts_.failed(kGuesses, peer, now);
  log(LogLevel::kInfo, "token refused", {{"peer", peer}});
  return not_logged_in();
}

// Only for people to see; a failure changes nothing.
Task<> ApiTokens::touch(ApiTokenId tid, WallTime now) {
  auto work = [tid, now](Transaction& tx) -> Result<> {
    tx.touch_api_token(tid, now);
    return ok();
  };
  if (auto touched = co_await store_.write(work); !touched)
    log(LogLevel::kWarn, "token not touched", {{"error", touched.error().message}});
}

Task<Result<std::int64_t>> ApiTokens::delete_long_expired() {
  const WallTime before = clock_.now() - kKeptExpired;
  auto work = [before](Transaction& tx) -> Result<std::int64_t> {
    return tx.delete_api_tokens_expired(before);
  };
  co_return co_await store_.write(work);
}

}  // namespace berth
