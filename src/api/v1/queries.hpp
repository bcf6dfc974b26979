#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace berth::api::v1 {

// The query of one request, read as strictly as a body: what is not known, comes twice or breaks
// its rule is refused. The first wrong one is kept for finish(), messages are `name: rule`.
class Query {
 public:
  explicit Query(const http::Request& request);

  std::optional<std::int64_t> number(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<std::string> word(std::string_view name,
                                  std::initializer_list<std::string_view> known);
  std::optional<WallTime> time(std::string_view name);
  Result<> finish() const;

 private:
  std::optional<std::string> take(std::string_view name);
  void keep(std::string_view name, std::string_view rule);

  std::map<std::string, std::string, std::less<>> values_;
  std::optional<Error> first_;
};

// `limit` and `after`.
struct PageAsked {
  std::size_t limit = 0;
  std::int64_t after = 0;
};
PageAsked read_page(Query& query);

}  // namespace berth::api::v1
