#pragma once

#include <string>
#include <vector>

#include "async/task.hpp"
#include "base/clock.hpp"
#include "control/actor.hpp"
#include "core/attempts.hpp"
#include "store/store.hpp"

namespace berth {

struct NewApiToken {
  std::string name;
  ApiTokenScopes scopes;
  int days = 0;  // that it is good for
};

// `token` is shown once: only its hash is kept.
struct MadeApiToken {
  std::string token;
  ApiTokenRow row;
};

// Who calls with a token. The actor is an admin only where the token may be one too.
struct ApiTokenUser {
  Actor actor;
  ApiTokenScopes scopes;
};

// What scripts have in place of a log-in. A token says who its owner is and lets through less than
// a log-in does; what exactly is the face's table. It outlives log-ins: it ends when it is revoked,
// when it expires, or when an admin resets its owner's password, and rests while he is disabled.
class ApiTokens {
 public:
  ApiTokens(Store& store, Clock& clock) : store_(store), clock_(clock) {}

  // kForbidden for the scope admin of somebody who is none; kExhausted at
  // limits::kApiTokensPerUser.
  Task<Result<MadeApiToken>> add(Actor actor, NewApiToken wanted);
  Task<Result<std::vector<ApiTokenRow>>> list(Actor actor);
  Task<Result<>> revoke(Actor actor, ApiTokenId tid);  // kNotFound

  // kUnauthenticated, the same for whatever is wrong with it; kTooMany for whoever goes on
  // guessing.
  Task<Result<ApiTokenUser>> authenticate(std::string token, std::string peer);

  // Those that expired so long ago that nobody wonders any more where they have gone.
  Task<Result<std::int64_t>> delete_long_expired();

 private:
  std::unexpected<Error> refuse_guess(const std::string& peer);
  Task<> touch(ApiTokenId tid, WallTime now);

  Store& store_;
  Clock& clock_;
  // Of its own: whoever guesses tokens does not use up the log-ins of others behind his address.
  Attempts attempts_;
};

}  // namespace berth
