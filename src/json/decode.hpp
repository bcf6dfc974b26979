#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace berth::json {

struct Members;  // of decode.cpp

// A request body that has been read strictly. Copies share it.
class Object {
 public:
  explicit Object(std::shared_ptr<const Members> members) : members_(std::move(members)) {}

 private:
  friend class Fields;
  std::shared_ptr<const Members> members_;
};

// kInvalid unless `body` is one JSON object and nothing else: UTF-8, no key twice in one object, no
// NUL in a string, at most limits::kJsonDepth deep. Boost.JSON's own values would keep the last of
// two equal keys in silence and turn a number of 20 digits into a double; here such a number is
// simply not a whole number.
Result<Object> parse_object(std::string_view body);

// Reads the members one expects; those one doesn't expect are ignored. The first wrong one is kept
// for finish(), every later call then gives an empty value. null counts as absent. Messages are
// `name: rule`.
class Fields {
 public:
  // A rule of its own for a string; its error is kept as it stands.
  using Rule = std::function<Result<>(std::string_view)>;

  explicit Fields(Object object) : object_(std::move(object)) {}

  // Only a JSON whole number counts: not 1.0, 1e3, "1" or true.
  std::int64_t required_int(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<std::int64_t> optional_int(std::string_view name, std::int64_t min,
                                           std::int64_t max);
  std::string required_string(std::string_view name, const Rule& rule = {});
  std::optional<std::string> optional_string(std::string_view name, const Rule& rule = {});
  bool required_bool(std::string_view name);
  std::optional<bool> optional_bool(std::string_view name);
  // One number or a list of at most `most` different ones; absent is not the same as the empty
  // list.
  std::optional<std::vector<std::int64_t>> optional_int_or_list(std::string_view name,
                                                                std::int64_t min, std::int64_t max,
                                                                std::size_t most);

  // A list, and nothing else.
  std::optional<std::vector<std::int64_t>> optional_int_list(std::string_view name,
                                                             std::int64_t min, std::int64_t max,
                                                             std::size_t most);

  // An object in the object; what is wrong in it shows in its own finish().
  std::optional<Fields> optional_object(std::string_view name);

  bool has(std::string_view name) const;
  Result<> finish() const;
  // The same, and a member that nobody has asked for is wrong too.
  Result<> finish_strictly() const;

 private:
  void keep(Error error);
  void keep(std::string_view name, std::string_view rule);
  template <class T>
  const T* find(std::string_view name, const std::string& rule);
  template <class T>
  T require(std::string_view name, std::optional<T> value);

  Object object_;
  std::optional<Error> first_;
  mutable std::set<std::string, std::less<>> asked_;
};

}  // namespace berth::json
