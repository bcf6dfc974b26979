#pragma once

#include <exception>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace berth::sql {

class Session;

// All that is SQLite's own way; PostgreSQL gets a file of its own. Functions throw soci_error
// unless they return a Result.

enum class Access { kReadOnly, kReadWrite };

// With a busy timeout, and nothing read or changed yet.
std::unique_ptr<Session> connect(const std::string& path, Access access);
// WAL, synchronous=FULL, foreign keys; or no writes at all.
void configure(Session& session, Access access);

// In words for the admin, or nothing when the file is sound.
Result<> check_sound(Session& session);

// Rows changed since the session was opened, also by what was rolled back.
int count_changes(Session& session);

void begin_read(Session& session);
void begin_write(Session& session);
void commit(Session& session);
// Never throws: a transaction that broke has ended already.
void roll_back(Session& session) noexcept;
// False when a full disk or the like has ended the transaction behind our back.
bool is_in_transaction(Session& session);

// Several statements; for migrations only.
void run_script(Session& session, const std::string& text);
bool has_table(Session& session, const std::string& name);
bool has_any_table(Session& session);

// What people are told of a failure inside a catch; the log gets the rest, but no values.
//   kUnavailable  full, locked, unreadable: nothing was done
//   kInternal     corrupt, or a bug
Error to_error(const std::exception& failure);
// The disk failed while it wrote: what is on it now is not known.
bool is_disk_failure(const std::exception& failure);

}  // namespace berth::sql
