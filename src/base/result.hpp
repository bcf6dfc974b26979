#pragma once

#include <cassert>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace berth {

// Every way an operation can be refused or fail. Closed: each face maps it to HTTP in one table.
enum class ErrorCode {
  kInvalid,          // the request itself is wrong; the message names the field and the rule
  kUnauthenticated,  // nobody is logged in, or the password is wrong
  kForbidden,        // logged in, but not for this
  kNotFound,         // no such thing, or not yours: the two are never told apart
  kConflict,         // the present state forbids it
  kExhausted,        // capacity: it would fit once others leave
  kTooLarge,
  kTooMany,      // too many attempts; later again
  kRefused,      // the engine said no
  kUnavailable,  // the device or the database cannot be reached; nothing was done
  kUnknown,      // the outcome is not known: the call was sent, the answer never came
  kInternal,     // a bug or a broken disk
};

std::string_view to_string(ErrorCode code);

// `message` is for the person who asked: no SQL, no tokens, no ids of others. `details` is the
// cause in the engine's words where the contract has a place for it.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string details;

  bool operator==(const Error&) const = default;
};

inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string details = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(details)});
}

// std::expected that may not be dropped. Values for outcomes, assert for bugs.
template <class T = void>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

inline Result<> ok() { return {}; }

}  // namespace berth
