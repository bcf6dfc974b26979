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
  return session_.rows<AuditRow>(
      "select at, actor, action, subject, outcome from audit order by id desc limit :most",
      [](AuditRow& a) { return std::tie(a.at, a.actor, a.action, a.subject, a.outcome); }, limit);
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
