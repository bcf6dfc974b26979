#include "store/sql/sqlite.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

#include <string_view>

#include "base/log.hpp"
#include "store/sql/session.hpp"

namespace berth::sql {
namespace {

constexpr int kWriterPatienceMs = 5'000;
constexpr int kReaderPatienceMs =
    1'000;  // on the I/O thread; in WAL mode only a recovery makes it wait

constexpr char kWriterSettings[] =
    "pragma journal_mode = wal;"
    "pragma synchronous = full;"
    "pragma foreign_keys = on;"
    "pragma journal_size_limit = 67108864;";
constexpr char kReaderSettings[] = "pragma query_only = on;";

// SOCI does not export the type information that the sanitizer's check of this cast asks for.
[[gnu::no_sanitize("vptr")]] sqlite_api::sqlite3* handle(Session& session) {
  return static_cast<soci::sqlite3_session_backend*>(session.connection().get_backend())->conn_;
}

int code_of(const std::exception& failure) {
  const auto* error = dynamic_cast<const soci::sqlite3_soci_error*>(&failure);
  return error == nullptr ? SQLITE_ERROR : error->result() & 0xff;
}

// Without the query's values, which SOCI adds to what(), and without the name of SOCI's function.
std::string message_of(const std::exception& failure) {
  const auto* error = dynamic_cast<const soci::soci_error*>(&failure);
  if (error == nullptr) return failure.what();
  const std::string message = error->get_error_message();
  const auto colon = message.find(": ");
  return message.starts_with("sqlite3_") && colon != std::string::npos ? message.substr(colon + 2)
                                                                       : message;
}

std::string sound_report(Session& session) {
  try {
    return session.value<std::string>("pragma quick_check(1)").value_or("no answer");
  } catch (const std::exception& failure) {
    return message_of(failure);
  }
}

// A session is used by one thread at a time: SQLite need not lock it at every call, which costs a
// tenth of all that it does. Only possible before the first one is opened.
void share_nothing() {
  static const int configured = sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
  (void)configured;
}

}  // namespace

std::unique_ptr<Session> connect(const std::string& path, Access access) {
  share_nothing();
  auto session = std::make_unique<Session>(
      std::make_unique<soci::session>(soci::sqlite3, "dbname=\"" + path + "\""));
  sqlite_api::sqlite3_busy_timeout(
      handle(*session), access == Access::kReadWrite ? kWriterPatienceMs : kReaderPatienceMs);
  return session;
}

void configure(Session& session, Access access) {
  run_script(session, access == Access::kReadWrite ? kWriterSettings : kReaderSettings);
}

Result<> check_sound(Session& session) {
  const std::string report = sound_report(session);
  if (report == "ok") return ok();
  return fail(ErrorCode::kInternal, "is damaged or not a database: " + report);
}

int count_changes(Session& session) { return sqlite_api::sqlite3_total_changes(handle(session)); }

void begin_read(Session& session) { session.run("begin deferred"); }
void begin_write(Session& session) { session.run("begin immediate"); }
void commit(Session& session) { session.run("commit"); }

void roll_back(Session& session) noexcept {
  if (is_in_transaction(session))
    sqlite_api::sqlite3_exec(handle(session), "rollback", nullptr, nullptr, nullptr);
}

bool is_in_transaction(Session& session) {
  return sqlite_api::sqlite3_get_autocommit(handle(session)) == 0;
}

void run_script(Session& session, const std::string& text) {
  const int result =
      sqlite_api::sqlite3_exec(handle(session), text.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK)
    throw soci::sqlite3_soci_error(sqlite_api::sqlite3_errmsg(handle(session)), result);
}

bool has_table(Session& session, const std::string& name) {
  return session.value<int>("select 1 from sqlite_schema where name = :name", name).has_value();
}

bool has_any_table(Session& session) {
  return session.value<int>("select 1 from sqlite_schema limit 1").has_value();
}

Error to_error(const std::exception& failure) {
  log(LogLevel::kError, "database", {{"code", code_of(failure)}, {"error", message_of(failure)}});
  switch (code_of(failure)) {
    case SQLITE_FULL:
      return {ErrorCode::kUnavailable, "the disk of the database is full", {}};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {ErrorCode::kUnavailable, "the database is busy, try again", {}};
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return {ErrorCode::kUnavailable, "the database cannot be read or written", {}};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {ErrorCode::kInternal, "the database is damaged", {}};
    default:
      return {ErrorCode::kInternal, "internal error", {}};
  }
}

bool is_disk_failure(const std::exception& failure) { return code_of(failure) == SQLITE_IOERR; }

}  // namespace berth::sql
