#pragma once

#include <functional>
#include <memory>
#include <span>

#include "base/result.hpp"
#include "store/store.hpp"

namespace berth::sql {

class Session;

struct Work {
  std::function<Result<>(Transaction&)> body;
  Result<> result{};
};

// Group commit: many works, one transaction, one wait for the disk. Each work stands under a
// savepoint of its own, so that one that is refused or breaks takes nothing but its own changes
// with it. When the commit itself fails, all fail.
class Committer {
 public:
  explicit Committer(std::unique_ptr<Session> session);
  ~Committer();

  // Fills in every result. Never throws.
  void commit_together(std::span<Work* const> works);

  Session& session() { return *session_; }

 private:
  Error error_of(const std::exception& failure, bool was_committing);

  std::unique_ptr<Session> session_;
  // After a failed commit nobody knows what the disk has: nothing more is written until a restart
  // reads it again.
  bool has_failed_ = false;
};

// What a commit whose outcome is not known is answered with, and whatever comes after it.
Error outcome_unknown();
Error disk_failed();

// One work in a transaction that sees one state and changes nothing.
Result<> read_once(Session& session, const std::function<Result<>(Transaction&)>& body);

}  // namespace berth::sql
