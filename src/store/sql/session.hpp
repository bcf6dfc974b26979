#pragma once

#include <soci/soci.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "store/sql/text.hpp"
#include "store/sql/types.hpp"

namespace berth::sql {

// One connection and its prepared statements: a text is prepared once and bound again for every use
// (SOCI's own way prepares each time, which doubles the price of a point read). Used by one thread
// at a time. Throws soci_error.
class Session {
 public:
  explicit Session(std::unique_ptr<soci::session> connection)
      : connection_(std::move(connection)) {}

  // Rows changed.
  template <class... In>
  std::int64_t run(Text sql, const In&... in) {
    return execute(sql, [](soci::statement&) {}, [] { return true; }, in...);
  }

  // The one column of the first row.
  template <class T, class... In>
  std::optional<T> value(Text sql, const In&... in) {
    return row<T>(sql, [](T& column) { return std::tie(column); }, in...);
  }

  // `columns` turns a Row& into a tuple of references, in the order of the query's columns.
  template <class Row, class Columns, class... In>
  std::optional<Row> row(Text sql, Columns columns, const In&... in) {
    auto all = rows<Row>(sql, columns, in...);
    if (all.empty()) return std::nullopt;
    return std::move(all.front());
  }

  template <class Row, class Columns, class... In>
  std::vector<Row> rows(Text sql, Columns columns, const In&... in) {
    std::vector<Row> all;
    Row current{};
    auto into_row = [&](soci::statement& statement) {
      std::apply([&](auto&... column) { (statement.exchange(soci::into(column)), ...); },
                 columns(current));
    };
    execute(sql, into_row, [&] { all.push_back(current); }, in...);
    return all;
  }

  soci::session& connection() { return *connection_; }

 private:
  template <class Into, class Each, class... In>
  std::int64_t execute(Text sql, Into into, Each each, const In&... in) {
    soci::statement& statement = prepared(sql);
    try {
      (statement.exchange(soci::use(in)), ...);
      into(statement);
      statement.define_and_bind();
      // Fetched to the end: only then does the statement let go of its snapshot.
      for (bool is_row = statement.execute(true); is_row; is_row = statement.fetch()) each();
      const std::int64_t changed = statement.get_affected_rows();
      statement.bind_clean_up();
      return changed;
    } catch (...) {
      statements_.erase(sql.chars());
      throw;
    }
  }

  soci::statement& prepared(Text sql);

  std::unique_ptr<soci::session> connection_;
  std::unordered_map<const char*, soci::statement> statements_;  // by address: texts are static
};

}  // namespace berth::sql
