#include "store/sql/session.hpp"

namespace berth::sql {

soci::statement& Session::prepared(Text sql) {
  auto found = statements_.find(sql.chars());
  if (found != statements_.end()) return found->second;
  soci::statement statement(*connection_);
  statement.alloc();
  statement.prepare(sql.chars());
  return statements_.emplace(sql.chars(), statement).first->second;
}

}  // namespace berth::sql
