#include "control/history.hpp"

namespace berth {
namespace {

std::vector<HistoryEntry> with_names(Transaction& tx, std::vector<AuditRow> rows) {
  std::vector<HistoryEntry> entries;
  for (AuditRow& row : rows) {
    auto user = row.actor ? tx.user(row.actor) : std::nullopt;
    entries.push_back({std::move(row), user ? user->name : std::string()});
  }
  return entries;
}

}  // namespace

Task<Result<std::vector<HistoryEntry>>> History::all(Actor actor, std::int64_t before,
                                                     std::size_t limit) {
  if (!actor.is_admin()) co_return fail(ErrorCode::kForbidden, "only an admin may do this");
  auto work = [before, limit](Transaction& tx) -> Result<std::vector<HistoryEntry>> {
    return with_names(tx, tx.audit_before(before, "", limit));
  };
  co_return co_await store_.read(work);
}

Task<Result<std::vector<HistoryEntry>>> History::of_container(Actor actor, ContainerId cid,
                                                              std::int64_t before,
                                                              std::size_t limit) {
  auto work = [=](Transaction& tx) -> Result<std::vector<HistoryEntry>> {
    auto row = tx.container(cid);
    if (!row || row->kind != ContainerKind::kWorkspace || !actor.may_touch(row->owner)) {
      return fail(ErrorCode::kNotFound, "no container or not authorized to visit");
    }
    return with_names(tx, tx.audit_before(before, "cid " + std::to_string(cid.value), limit));
  };
  co_return co_await store_.read(work);
}

}  // namespace berth
