#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "base/clock.hpp"
#include "control/actor.hpp"
#include "control/remembered.hpp"
#include "core/attempts.hpp"
#include "core/hourly_limit.hpp"
#include "secrets/password_gate.hpp"
#include "store/store.hpp"

namespace berth {

struct AccountRules {
  bool registration_open = true;
  std::size_t password_min = 6;
  std::chrono::hours session_life{7 * 24};
};

struct NewAccount {
  std::string name;
  std::string password;
  std::string email;
  std::string code;  // the one-time code that makes the first admin; empty = an ordinary user
};

// A log-in that succeeded: `token` is shown once and only its hash is kept.
struct Login {
  Actor actor;
  std::string token;
};

struct AccountOverview {
  UserRow user;
  std::int64_t containers = 0;
};

// Who people are. Passwords are argon2id hashes; a session is a row under its token's hash and ends
// on the server.
class Accounts {
 public:
  static constexpr std::int64_t kDenialsPerHour = 1'000;  // of one account that leave a record

  Accounts(Store& store, Clock& clock, secrets::PasswordGate& gate, AccountRules rules);

  // kConflict "Username or email already exists"; kForbidden when registration is closed or the
  // code is wrong.
  Task<Result<Login>> register_account(NewAccount account, std::string peer);
  // kUnauthenticated "Invalid username or password", the same in text and time whether the user
  // exists or not.
  Task<Result<Login>> login(std::string name, std::string password, std::string peer);
  // kUnauthenticated "not logged in" unless the token is alive and belongs to `username`.
  Task<Result<Actor>> authenticate(std::string username, std::string token);
  Task<Result<>> logout(std::string token);
  Task<Result<>> logout_everywhere(Actor actor);
  Task<Result<UserRow>> me(Actor actor);
  // Ends every session but that of `token`. Guesses at `current` are counted as those at a log-in.
  Task<Result<>> change_password(Actor actor, std::string current, std::string wanted,
                                 std::string token, std::string peer);
  // A record that `actor` was refused a change, e.g. "DELETE /containers/7". The last one that an
  // hour has room for says so: nobody pushes the others out of the log.
  Task<> note_denied(Actor actor, std::string change);
  const AccountRules& rules() const { return rules_; }

  // For admins.
  Task<Result<UserId>> add(Actor actor, NewAccount account, Role role);
  Task<Result<std::vector<UserRow>>> list(Actor actor);
  Task<Result<>> set_password(Actor actor, std::string name,
                              std::string password);  // ends the user's sessions and tokens
  Task<Result<>> set_disabled(Actor actor, std::string name, bool disabled);
  Task<Result<>> set_role(Actor actor, std::string name, Role role);
  Task<Result<std::vector<AccountOverview>>> overview(Actor actor);
  Task<Result<AccountOverview>> look(Actor actor, std::string name);

  // A new one-time code while there is no admin yet; nothing once there is one.
  Task<Result<std::optional<std::string>>> make_first_admin_code();
  Task<Result<std::int64_t>> delete_expired_sessions();

 private:
  struct LoggedIn {
    SessionRow session;
    UserRow user;
  };

  Result<> check(const NewAccount& account) const;
  Task<Result<UserId>> insert(UserRow row, std::string code, UserId by);
  Task<Result<Login>> open_session(Actor actor);
  Task<Result<LoggedIn>> find_login(std::string token_hash);

  Store& store_;
  Clock& clock_;
  secrets::PasswordGate& gate_;
  AccountRules rules_;
  Attempts attempts_;
  HourlyLimit<UserId> denials_{kDenialsPerHour};
  Remembered<LoggedIn> logins_;  // by the token's hash: every request asks who it is that asks
};

}  // namespace berth
