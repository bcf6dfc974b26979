#include "store/sql/migrate.hpp"

#include "base/log.hpp"
#include "store/sql/session.hpp"
#include "store/sql/sqlite.hpp"

namespace berth::sql {
namespace {

constexpr char kVersionTable[] =
    "create table schema_version (number integer primary key not null, name text not null)";

Result<int> current_version(Session& session) {
  if (!has_table(session, "schema_version")) {
    if (has_any_table(session))
      return fail(ErrorCode::kConflict, "is a database of another program");
    run_script(session, kVersionTable);
  }
  return session.value<int>("select coalesce(max(number), 0) from schema_version").value_or(0);
}

void apply(Session& session, const Migration& migration) {
  begin_write(session);
  try {
    run_script(session, std::string(migration.text));
    session.run("insert into schema_version (number, name) values (:number, :name)",
                migration.number, std::string(migration.name));
    commit(session);
  } catch (...) {
    roll_back(session);
    throw;
  }
  log(LogLevel::kInfo, "database migrated", {{"migration", migration.name}});
}

}  // namespace

Result<> migrate(Session& session, std::span<const Migration> all) {
  auto version = current_version(session);
  if (!version) return std::unexpected(version.error());
  const int newest = all.empty() ? 0 : all.back().number;
  if (*version > newest) {
    return fail(ErrorCode::kConflict, "was written by a newer Berth (schema " +
                                          std::to_string(*version) + ", this one knows " +
                                          std::to_string(newest) + ")");
  }
  for (const Migration& migration : all) {
    if (migration.number > *version) apply(session, migration);
  }
  return ok();
}

}  // namespace berth::sql
