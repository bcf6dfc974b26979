#include "store/sql/committer.hpp"

#include "base/log.hpp"
#include "store/sql/session.hpp"
#include "store/sql/sql_transaction.hpp"
#include "store/sql/sqlite.hpp"

namespace berth::sql {
namespace {

void fail_all(std::span<Work* const> works, const Error& error) {
  for (Work* work : works) work->result = std::unexpected(error);
}

// Throws only when the transaction itself is lost.
void run_in_savepoint(Session& session, Work& work) {
  session.run("savepoint work");
  try {
    SqlTransaction transaction(session);
    work.result = work.body(transaction);
  } catch (const std::exception& failure) {
    if (!is_in_transaction(session)) throw;
    work.result = std::unexpected(to_error(failure));
  }
  if (!work.result) session.run("rollback to work");
  session.run("release work");
}

}  // namespace

Error disk_failed() {
  return {ErrorCode::kUnavailable, "the disk of the database failed; Berth must be restarted", {}};
}

Error outcome_unknown() {
  return {ErrorCode::kUnknown,
          "the disk of the database failed; whether this was saved is not known",
          {}};
}

Committer::Committer(std::unique_ptr<Session> session) : session_(std::move(session)) {}
Committer::~Committer() = default;

void Committer::commit_together(std::span<Work* const> works) {
  if (has_failed_) return fail_all(works, disk_failed());
  bool is_committing = false;
  try {
    begin_write(*session_);
    for (Work* work : works) run_in_savepoint(*session_, *work);
    is_committing = true;
    commit(*session_);
  } catch (const std::exception& failure) {
    roll_back(*session_);
    fail_all(works, error_of(failure, is_committing));
  }
}

Error Committer::error_of(const std::exception& failure, bool was_committing) {
  Error error = to_error(failure);
  if (!was_committing || !is_disk_failure(failure)) return error;
  has_failed_ = true;
  log(LogLevel::kError, "the database's disk failed; nothing more is read or written until a restart");
  return outcome_unknown();
}

Result<> read_once(Session& session, const std::function<Result<>(Transaction&)>& body) {
  try {
    // Not by `pragma query_only`, where one session serves both: each change of it makes SQLite
    // prepare every statement anew.
    const int changes = count_changes(session);
    begin_read(session);
    SqlTransaction transaction(session);
    Result<> result = body(transaction);
    if (count_changes(session) != changes) {
      roll_back(session);
      return fail(ErrorCode::kInternal, "a read tried to write");
    }
    commit(session);
    return result;
  } catch (const std::exception& failure) {
    roll_back(session);
    return std::unexpected(to_error(failure));
  }
}

}  // namespace berth::sql
