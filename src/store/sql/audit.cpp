#include "store/sql/session.hpp"
#include "store/sql/sql_transaction.hpp"

namespace berth::sql {

void SqlTransaction::append_audit(const AuditRow& a) {
  session_.run(
      "insert into audit (at, actor, action, subject, outcome) values (:at, :actor, :action, "
      ":subject, :outcome)",
      a.at, a.actor, a.action, a.subject, a.outcome);
}

std::vector<AuditRow> SqlTransaction::audit(std::size_t limit) {
  return audit_before(0, "", limit);
}

// Two statements, so that each has its index.
std::vector<AuditRow> SqlTransaction::audit_before(std::int64_t before, const std::string& subject,
                                                   std::size_t limit) {
  const std::int64_t end = before > 0 ? before : INT64_MAX;
  auto columns = [](AuditRow& a) {
    return std::tie(a.id, a.at, a.actor, a.action, a.subject, a.outcome);
  };
  if (subject.empty()) {
    return session_.rows<AuditRow>(
        "select id, at, actor, action, subject, outcome from audit where id < :before "
        "order by id desc limit :most",
        columns, end, limit);
  }
  return session_.rows<AuditRow>(
      "select id, at, actor, action, subject, outcome from audit where subject = :subject and id < "
      ":before order by id desc limit :most",
      columns, subject, end, limit);
}

std::optional<std::string> SqlTransaction::meta(const std::string& key) {
  return session_.value<std::string>("select value from meta where key = :key", key);
}

void SqlTransaction::set_meta(const std::string& key, const std::string& value) {
  session_.run(
      "insert into meta (key, value) values (:key, :value) on conflict (key) do update set value = "
      "excluded.value",
      key, value);
}

void SqlTransaction::delete_meta(const std::string& key) {
  session_.run("delete from meta where key = :key", key);
}

}  // namespace berth::sql
