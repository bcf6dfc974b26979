#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace berth {

namespace sql {
class Session;
}

struct Migration {
  int number;
  std::string_view name;
  std::string_view text;
};

// Of store/migrations/, in order; made at build time.
std::span<const Migration> migrations();

namespace sql {

// Applies what is missing, each in one transaction together with its line in schema_version, so
// that a run that was killed goes on where it was. kConflict: the database is newer than this
// program, or is not Berth's.
Result<> migrate(Session& session, std::span<const Migration> all);

}  // namespace sql
}  // namespace berth
