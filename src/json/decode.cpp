#include "json/decode.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <map>
#include <variant>

#include "base/limits.hpp"

namespace berth::json {
namespace {

struct Null {};
struct OtherNumber {};  // a fraction, an exponent, or past 64 bits
struct Value;
using List = std::vector<Value>;

}  // namespace

struct Members {
  std::map<std::string, Value, std::less<>> values;
};

namespace {

struct Value {
  std::variant<Null, bool, std::int64_t, OtherNumber, std::string, List, Members> is;
};

namespace bj = boost::json;

// Receives the parser's events and builds the values, so that nothing strict has to be undone
// later.
class Builder {
 public:
  static constexpr std::size_t max_object_size = limits::kBodyBytes;
  static constexpr std::size_t max_array_size = limits::kBodyBytes;
  static constexpr std::size_t max_key_size = limits::kBodyBytes;
  static constexpr std::size_t max_string_size = limits::kBodyBytes;

  const std::string& refusal() const { return refusal_; }
  Value take() { return std::move(done_); }

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code&) { return open(Members{}); }
  bool on_object_end(std::size_t, bj::error_code& ec) { return close(ec); }
  bool on_array_begin(bj::error_code&) { return open(List{}); }
  bool on_array_end(std::size_t, bj::error_code& ec) { return close(ec); }
  bool on_key_part(bj::string_view part, std::size_t, bj::error_code&) { return append(part); }
  bool on_string_part(bj::string_view part, std::size_t, bj::error_code&) { return append(part); }
  bool on_number_part(bj::string_view, bj::error_code&) { return true; }
  bool on_int64(std::int64_t number, bj::string_view, bj::error_code& ec) {
    return put({number}, ec);
  }
  bool on_uint64(std::uint64_t, bj::string_view, bj::error_code& ec) {
    return put({OtherNumber{}}, ec);
  }
  bool on_double(double, bj::string_view, bj::error_code& ec) { return put({OtherNumber{}}, ec); }
  bool on_bool(bool value, bj::error_code& ec) { return put({value}, ec); }
  bool on_null(bj::error_code& ec) { return put({Null{}}, ec); }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }

  bool on_key(bj::string_view part, std::size_t, bj::error_code& ec) {
    append(part);
    if (has_nul()) return refuse("a key has a NUL character", ec);
    keys_.push_back(std::exchange(text_, {}));
    return true;
  }

  bool on_string(bj::string_view part, std::size_t, bj::error_code& ec) {
    append(part);
    if (has_nul()) return refuse("a string has a NUL character", ec);
    return put({std::exchange(text_, {})}, ec);
  }

 private:
  bool append(bj::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }

  bool has_nul() const { return text_.find('\0') != std::string::npos; }

  template <class Container>
  bool open(Container container) {
    open_.push_back(Value{std::move(container)});
    return true;
  }

  bool close(bj::error_code& ec) {
    Value value = std::move(open_.back());
    open_.pop_back();
    return put(std::move(value), ec);
  }

  bool put(Value value, bj::error_code& ec) {
    if (open_.empty()) {
      done_ = std::move(value);
      return true;
    }
    if (auto* list = std::get_if<List>(&open_.back().is)) {
      list->push_back(std::move(value));
      return true;
    }
    std::string key = std::move(keys_.back());
    keys_.pop_back();
    auto [at, is_new] =
        std::get<Members>(open_.back().is).values.emplace(std::move(key), std::move(value));
    return is_new ||
           refuse(at->first.size() <= 64 ? at->first + ": is there twice" : "a key is there twice",
                  ec);
  }

  bool refuse(std::string why, bj::error_code& ec) {
    refusal_ = std::move(why);
    ec = bj::make_error_code(bj::error::syntax);
    return false;
  }

  std::vector<Value> open_;        // objects and lists that have not ended, innermost last
  std::vector<std::string> keys_;  // whose values have not ended
  std::string text_;
  Value done_;
  std::string refusal_;
};

std::string explain(bj::error_code ec, const Builder& builder, std::size_t at) {
  if (!builder.refusal().empty()) return builder.refusal();
  if (ec == bj::error::too_deep) return "the body is nested too deeply";
  return "the body must be a JSON object: it is not JSON at byte " + std::to_string(at);
}

std::string whole_number_rule(std::int64_t min, std::int64_t max) {
  return "must be a whole number between " + std::to_string(min) + " and " + std::to_string(max);
}

}  // namespace

Result<Object> parse_object(std::string_view body) {
  bj::parse_options options;
  options.max_depth = limits::kJsonDepth;
  bj::basic_parser<Builder> parser(options);
  bj::error_code ec;
  const std::size_t end = parser.write_some(false, body.data(), body.size(), ec);
  if (ec) return fail(ErrorCode::kInvalid, explain(ec, parser.handler(), end));
  if (end != body.size()) return fail(ErrorCode::kInvalid, explain(ec, parser.handler(), end));
  Value value = parser.handler().take();
  auto* members = std::get_if<Members>(&value.is);
  if (members == nullptr) return fail(ErrorCode::kInvalid, "the body must be a JSON object");
  return Object(std::make_shared<const Members>(std::move(*members)));
}

void Fields::keep(Error error) {
  if (!first_) first_ = std::move(error);
}

void Fields::keep(std::string_view name, std::string_view rule) {
  keep({ErrorCode::kInvalid, std::string(name) + ": " + std::string(rule), {}});
}

bool Fields::has(std::string_view name) const {
  asked_.emplace(name);
  auto found = object_.members_->values.find(name);
  return found != object_.members_->values.end() && !std::holds_alternative<Null>(found->second.is);
}

template <class T>
const T* Fields::find(std::string_view name, const std::string& rule) {
  if (first_ || !has(name)) return nullptr;
  const T* value = std::get_if<T>(&object_.members_->values.find(name)->second.is);
  if (value == nullptr) keep(name, rule);
  return value;
}

template <class T>
T Fields::require(std::string_view name, std::optional<T> value) {
  if (!value && !first_) keep(name, "is missing");
  return std::move(value).value_or(T{});
}

std::optional<std::int64_t> Fields::optional_int(std::string_view name, std::int64_t min,
                                                 std::int64_t max) {
  const std::string rule = whole_number_rule(min, max);
  const auto* number = find<std::int64_t>(name, rule);
  if (number == nullptr) return std::nullopt;
  if (*number >= min && *number <= max) return *number;
  keep(name, rule);
  return std::nullopt;
}

std::int64_t Fields::required_int(std::string_view name, std::int64_t min, std::int64_t max) {
  return require(name, optional_int(name, min, max));
}

std::optional<std::string> Fields::optional_string(std::string_view name, const Rule& rule) {
  const auto* text = find<std::string>(name, "must be a string");
  if (text == nullptr) return std::nullopt;
  if (!rule) return *text;
  if (auto r = rule(*text); !r) {
    keep(r.error());
    return std::nullopt;
  }
  return *text;
}

std::string Fields::required_string(std::string_view name, const Rule& rule) {
  return require(name, optional_string(name, rule));
}

std::optional<bool> Fields::optional_bool(std::string_view name) {
  const bool* value = find<bool>(name, "must be true or false");
  return value == nullptr ? std::nullopt : std::optional(*value);
}

bool Fields::required_bool(std::string_view name) { return require(name, optional_bool(name)); }

std::optional<std::vector<std::int64_t>> Fields::optional_int_or_list(std::string_view name,
                                                                      std::int64_t min,
                                                                      std::int64_t max,
                                                                      std::size_t most) {
  if (first_ || !has(name)) return std::nullopt;
  const Value& value = object_.members_->values.find(name)->second;
  const auto* list = std::get_if<List>(&value.is);
  if (list == nullptr) {
    auto one = optional_int(name, min, max);
    return one ? std::optional(std::vector{*one}) : std::nullopt;
  }
  if (list->size() > most) keep(name, "must be at most " + std::to_string(most) + " numbers");
  std::vector<std::int64_t> numbers;
  for (const Value& item : *list) {
    const auto* number = std::get_if<std::int64_t>(&item.is);
    if (number == nullptr || *number < min || *number > max) {
      keep(name, "each " + whole_number_rule(min, max));
    } else if (std::ranges::find(numbers, *number) != numbers.end()) {
      keep(name, "must not have the same number twice");
    } else {
      numbers.push_back(*number);
    }
    if (first_) return std::nullopt;
  }
  return first_ ? std::nullopt : std::optional(std::move(numbers));
}

std::optional<std::vector<std::int64_t>> Fields::optional_int_list(std::string_view name,
                                                                   std::int64_t min,
                                                                   std::int64_t max,
                                                                   std::size_t most) {
  if (find<List>(name, "must be a list of whole numbers") == nullptr) return std::nullopt;
  return optional_int_or_list(name, min, max, most);
}

std::optional<Fields> Fields::optional_object(std::string_view name) {
  const auto* members = find<Members>(name, "must be an object");
  if (members == nullptr) return std::nullopt;
  return Fields(Object(std::shared_ptr<const Members>(object_.members_, members)));
}

Result<> Fields::finish_strictly() const {
  if (auto r = finish(); !r) return r;
  for (const auto& [name, value] : object_.members_->values) {
    if (!asked_.contains(name)) return fail(ErrorCode::kInvalid, name + ": is not known here");
  }
  return ok();
}

Result<> Fields::finish() const {
  if (first_) return std::unexpected(*first_);
  return ok();
}

}  // namespace berth::json
