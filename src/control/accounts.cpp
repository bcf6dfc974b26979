#include "control/accounts.hpp"

#include "base/limits.hpp"
#include "base/log.hpp"
#include "control/audit.hpp"
#include "core/rules.hpp"
#include "secrets/tokens.hpp"

namespace berth {
namespace {

constexpr char kFirstAdminCode[] = "first_admin_code_hash";
constexpr auto kTouchEvery = std::chrono::minutes(1);

std::unexpected<Error> not_logged_in() {
  return fail(ErrorCode::kUnauthenticated, "not logged in");
}

Result<> require_admin(const Actor& actor) {
  if (actor.is_admin()) return ok();
  return fail(ErrorCode::kForbidden, "only an admin may do this");
}

std::unexpected<Error> no_user(const std::string& name) {
  return fail(ErrorCode::kNotFound, "no user " + name);
}

// Nobody locks himself out by a slip; and so there is always an admin left.
Result<> refuse_oneself(const Actor& actor, const UserRow& user) {
  if (user.uid != actor.uid) return ok();
  return fail(ErrorCode::kForbidden, "not on your own account");
}

// The code is good once: whoever redeems it becomes the first admin.
Result<Role> redeem_code(Transaction& tx, const std::string& code) {
  if (code.empty()) return Role::kUser;
  const auto expected = tx.meta(kFirstAdminCode);
  if (!expected || !secrets::equal_in_constant_time(*expected, secrets::hash_token(code))) {
    return fail(ErrorCode::kForbidden, "code: is wrong or has been used");
  }
  tx.delete_meta(kFirstAdminCode);
  return Role::kAdmin;
}

}  // namespace

Accounts::Accounts(Store& store, Clock& clock, secrets::PasswordGate& gate, AccountRules rules)
    : store_(store),
      clock_(clock),
      gate_(gate),
      rules_(rules),
      logins_(store, clock, limits::kRememberedLogins) {}

Result<> Accounts::check(const NewAccount& account) const {
  if (auto r = rules::check_user_name(account.name); !r) return r;
  if (auto r = rules::check_password(account.password, rules_.password_min); !r) return r;
  return rules::check_email(account.email);
}

Task<Result<Login>> Accounts::register_account(NewAccount account, std::string peer) {
  if (!rules_.registration_open && account.code.empty()) {
    co_return fail(ErrorCode::kForbidden, "registration is closed, ask an admin for an account");
  }
  if (auto r = check(account); !r) co_return std::unexpected(r.error());
  const std::string guesses = "first-admin-code";
  if (!account.code.empty()) {
    if (auto r = attempts_.admit(guesses, peer, clock_.steady()); !r)
      co_return std::unexpected(r.error());
  }
  auto hash = co_await gate_.hash(account.password);
  if (!hash) co_return std::unexpected(hash.error());
  UserRow row{.name = account.name,
              .email = account.email,
              .password_hash = *hash,
              .created_at = clock_.now()};
  auto uid = co_await insert(row, account.code, UserId{});
  if (!uid) {
    if (uid.error().code == ErrorCode::kForbidden) attempts_.failed(guesses, peer, clock_.steady());
    co_return std::unexpected(uid.error());
  }
  const Actor actor{.uid = *uid, .name = account.name};
  co_return co_await open_session(actor);
}

Task<Result<UserId>> Accounts::insert(UserRow row, std::string code, UserId by) {
  const WallTime now = clock_.now();
  auto work = [row, code, by, now](Transaction& tx) -> Result<UserId> {
    auto role = redeem_code(tx, code);
    if (!role) return std::unexpected(role.error());
    UserRow user = row;
    if (*role == Role::kAdmin) user.role = Role::kAdmin;
    if (tx.count_users() >= static_cast<std::int64_t>(limits::kUsers)) {
      return fail(ErrorCode::kExhausted, "there are too many accounts on this Berth");
    }
    auto uid = tx.insert_user(user);
    if (!uid) return fail(ErrorCode::kConflict, "Username or email already exists");
    audit(tx, now, by ? by : *uid, "user.add", user.name);
    return *uid;
  };
  co_return co_await store_.write(work);
}

Task<Result<Login>> Accounts::login(std::string name, std::string password, std::string peer) {
  if (auto r = attempts_.admit(name, peer, clock_.steady()); !r)
    co_return std::unexpected(r.error());
  attempts_.failed(name, peer, clock_.steady());
  auto work = [name](Transaction& tx) -> Result<std::optional<UserRow>> {
    return tx.user_by_name(name);
  };
  auto user = co_await store_.read(work);
  if (!user) co_return std::unexpected(user.error());
  // Not inside the call: g++ 12 destroys a conditional's temporary twice where there is a co_await.
  const std::string hash = *user ? (*user)->password_hash : std::string();
  auto matches = co_await gate_.verify(hash, password);
  if (!matches) co_return std::unexpected(matches.error());
  if (!*matches || !*user || (*user)->disabled) {
    log(LogLevel::kInfo, "log-in refused", {{"user", name}, {"peer", peer}});
    co_return fail(ErrorCode::kUnauthenticated, "Invalid username or password");
  }
  attempts_.succeeded(name, peer);
  const Actor actor{(*user)->uid, (*user)->name, (*user)->role};
  co_return co_await open_session(actor);
}

Task<Result<Login>> Accounts::open_session(Actor actor) {
  const std::string token = secrets::make_token();
  const WallTime now = clock_.now();
  const SessionRow session{secrets::hash_token(token), actor.uid, now, now,
                           now + rules_.session_life};
  auto work = [session](Transaction& tx) -> Result<UserRow> {
    auto user = tx.user(session.uid);
    if (!user || user->disabled)
      return fail(ErrorCode::kUnauthenticated, "Invalid username or password");
    tx.insert_session(session);
    tx.trim_sessions(session.uid, limits::kSessionsPerUser);
    audit(tx, session.created_at, session.uid, "user.login", user->name);
    return *user;
  };
  auto saved = co_await store_.write(work);
  if (!saved) co_return std::unexpected(saved.error());
  co_return Login{{saved->uid, saved->name, saved->role}, token};
}

Task<Result<Accounts::LoggedIn>> Accounts::find_login(std::string token_hash) {
  if (const LoggedIn* known = logins_.find(token_hash)) co_return *known;
  const auto as_of = logins_.as_of();
  auto work = [token_hash](Transaction& tx) -> Result<LoggedIn> {
    auto session = tx.session(token_hash);
    if (!session) return not_logged_in();
    auto user = tx.user(session->uid);
    if (!user || user->disabled) return not_logged_in();
    return LoggedIn{*session, *user};
  };
  auto found = co_await store_.read(work);
  if (found) logins_.keep(token_hash, as_of, *found);
  co_return found;
}

Task<Result<Actor>> Accounts::authenticate(std::string username, std::string token) {
  if (username.empty() || token.empty()) co_return not_logged_in();
  const std::string hash = secrets::hash_token(token);
  auto found = co_await find_login(hash);
  if (!found) co_return std::unexpected(found.error());
  const WallTime now = clock_.now();
  const bool is_over =
      now >= found->session.expires_at || now - found->session.last_seen_at >= rules_.session_life;
  if (is_over || found->user.name != username) co_return not_logged_in();
  if (now - found->session.last_seen_at >= kTouchEvery) {
    // Only for people to see; a failure changes nothing.
    auto touch = [hash, now](Transaction& tx) -> Result<> {
      tx.touch_session(hash, now);
      return ok();
    };
    auto touched = co_await store_.write(touch);
    if (!touched) log(LogLevel::kWarn, "session not touched", {{"error", touched.error().message}});
  }
  co_return Actor{found->user.uid, found->user.name, found->user.role};
}

Task<Result<>> Accounts::logout(std::string token) {
  const std::string hash = secrets::hash_token(token);
  const WallTime now = clock_.now();
  auto work = [hash, now](Transaction& tx) -> Result<> {
    auto session = tx.session(hash);
    if (!session) return not_logged_in();
    tx.delete_session(hash);
    audit(tx, now, session->uid, "user.logout", "uid " + std::to_string(session->uid.value));
    return ok();
  };
  co_return co_await store_.write(work);
}

Task<Result<>> Accounts::logout_everywhere(Actor actor) {
  const WallTime now = clock_.now();
  auto work = [actor, now](Transaction& tx) -> Result<> {
    tx.delete_sessions_of(actor.uid);
    audit(tx, now, actor.uid, "user.logout_everywhere", actor.name);
    return ok();
  };
  co_return co_await store_.write(work);
}

Task<Result<UserRow>> Accounts::me(Actor actor) {
  auto work = [actor](Transaction& tx) -> Result<UserRow> {
    auto user = tx.user(actor.uid);
    if (!user) return not_logged_in();
    return *user;
  };
  co_return co_await store_.read(work);
}

Task<Result<>> Accounts::change_password(Actor actor, std::string current, std::string wanted,
                                         std::string token, std::string peer) {
  if (auto r = rules::check_password(wanted, rules_.password_min); !r) co_return r;
  if (auto r = attempts_.admit(actor.name, peer, clock_.steady()); !r) co_return r;
  attempts_.failed(actor.name, peer, clock_.steady());
  auto user = co_await me(actor);
  if (!user) co_return std::unexpected(user.error());
  auto matches = co_await gate_.verify(user->password_hash, current);
  if (!matches) co_return std::unexpected(matches.error());
  if (!*matches) co_return fail(ErrorCode::kUnauthenticated, "Invalid username or password");
  attempts_.succeeded(actor.name, peer);
  auto hash = co_await gate_.hash(wanted);
  if (!hash) co_return std::unexpected(hash.error());
  const WallTime now = clock_.now();
  auto work = [actor, now, hash = *hash, known = user->password_hash,
               session_hash = secrets::hash_token(token)](Transaction& tx) -> Result<> {
    auto row = tx.user(actor.uid);
    auto session = tx.session(session_hash);
    // An admin was faster: what was proved just now proves nothing any more.
    if (!row || row->password_hash != known || !session) return not_logged_in();
    row->password_hash = hash;
    tx.update_user(*row);
    tx.delete_sessions_of(actor.uid);
    tx.insert_session(*session);
    audit(tx, now, actor.uid, "user.password", actor.name);
    return ok();
  };
  co_return co_await store_.write(work);
}

Task<> Accounts::note_denied(Actor actor, std::string change) {
  const WallTime now = clock_.now();
  const auto verdict = denials_.count(actor.uid, now);
  if (verdict == HourlyLimit<UserId>::Verdict::kBeyond) co_return;
  if (verdict == HourlyLimit<UserId>::Verdict::kLast) change += " (no more are kept this hour)";
  auto work = [actor, change, now](Transaction& tx) -> Result<> {
    audit(tx, now, actor.uid, "denied", change, "denied");
    return ok();
  };
  auto noted = co_await store_.write(work);
  if (!noted) log(LogLevel::kWarn, "denial not recorded", {{"error", noted.error().message}});
}

Task<Result<UserId>> Accounts::add(Actor actor, NewAccount account, Role role) {
  if (auto r = require_admin(actor); !r) co_return std::unexpected(r.error());
  if (auto r = check(account); !r) co_return std::unexpected(r.error());
  auto hash = co_await gate_.hash(account.password);
  if (!hash) co_return std::unexpected(hash.error());
  const UserRow row{.name = account.name,
                    .email = account.email,
                    .password_hash = *hash,
                    .role = role,
                    .created_at = clock_.now()};
  co_return co_await insert(row, "", actor.uid);
}

Task<Result<std::vector<UserRow>>> Accounts::list(Actor actor) {
  if (auto r = require_admin(actor); !r) co_return std::unexpected(r.error());
  co_return co_await store_.read(
      [](Transaction& tx) -> Result<std::vector<UserRow>> { return tx.users(limits::kUsers); });
}

Task<Result<>> Accounts::set_password(Actor actor, std::string name, std::string password) {
  if (auto r = require_admin(actor); !r) co_return r;
  if (auto r = rules::check_password(password, rules_.password_min); !r) co_return r;
  auto hash = co_await gate_.hash(password);
  if (!hash) co_return std::unexpected(hash.error());
  const WallTime now = clock_.now();
  auto work = [=, hash = *hash](Transaction& tx) -> Result<> {
    auto user = tx.user_by_name(name);
    if (!user) return fail(ErrorCode::kNotFound, "no user " + name);
    user->password_hash = hash;
    tx.update_user(*user);
    tx.delete_sessions_of(user->uid);
    tx.delete_api_tokens_of(user->uid);
    audit(tx, now, actor.uid, "user.password", name);
    return ok();
  };
  co_return co_await store_.write(work);
}

Task<Result<>> Accounts::set_disabled(Actor actor, std::string name, bool disabled) {
  if (auto r = require_admin(actor); !r) co_return r;
  const WallTime now = clock_.now();
  auto work = [=](Transaction& tx) -> Result<> {
    auto user = tx.user_by_name(name);
    if (!user) return fail(ErrorCode::kNotFound, "no user " + name);
    if (auto r = refuse_oneself(actor, *user); !r) return r;
    user->disabled = disabled;
    tx.update_user(*user);
    if (disabled) tx.delete_sessions_of(user->uid);
    audit(tx, now, actor.uid, disabled ? "user.disable" : "user.enable", name);
    return ok();
  };
  co_return co_await store_.write(work);
}

Task<Result<>> Accounts::set_role(Actor actor, std::string name, Role role) {
  if (auto r = require_admin(actor); !r) co_return r;
  const WallTime now = clock_.now();
  auto work = [=](Transaction& tx) -> Result<> {
    auto user = tx.user_by_name(name);
    if (!user) return no_user(name);
    if (auto r = refuse_oneself(actor, *user); !r) return r;
    user->role = role;
    tx.update_user(*user);
    audit(tx, now, actor.uid, role == Role::kAdmin ? "user.make_admin" : "user.make_user", name);
    return ok();
  };
  co_return co_await store_.write(work);
}

Task<Result<std::vector<AccountOverview>>> Accounts::overview(Actor actor) {
  if (auto r = require_admin(actor); !r) co_return std::unexpected(r.error());
  auto work = [](Transaction& tx) -> Result<std::vector<AccountOverview>> {
    std::vector<AccountOverview> all;
    for (const UserRow& user : tx.users(limits::kUsers)) {
      all.push_back({user, tx.count_containers_of(user.uid)});
    }
    return all;
  };
  co_return co_await store_.read(work);
}

Task<Result<AccountOverview>> Accounts::look(Actor actor, std::string name) {
  if (auto r = require_admin(actor); !r) co_return std::unexpected(r.error());
  auto work = [name](Transaction& tx) -> Result<AccountOverview> {
    auto user = tx.user_by_name(name);
    if (!user) return no_user(name);
    return AccountOverview{*user, tx.count_containers_of(user->uid)};
  };
  co_return co_await store_.read(work);
}

Task<Result<std::optional<std::string>>> Accounts::make_first_admin_code() {
  const std::string code = secrets::make_password(16);
  auto work = [code](Transaction& tx) -> Result<std::optional<std::string>> {
    for (const UserRow& user : tx.users(limits::kUsers)) {
      if (user.role == Role::kAdmin) {
        tx.delete_meta(kFirstAdminCode);
        return std::nullopt;
      }
    }
    tx.set_meta(kFirstAdminCode, secrets::hash_token(code));
    return code;
  };
  co_return co_await store_.write(work);
}

Task<Result<std::int64_t>> Accounts::delete_expired_sessions() {
  const WallTime now = clock_.now();
  const WallTime idle_since = now - rules_.session_life;
  auto work = [now, idle_since](Transaction& tx) -> Result<std::int64_t> {
    return tx.delete_expired_sessions(now, idle_since);
  };
  co_return co_await store_.write(work);
}

}  // namespace berth
