#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "store/store.hpp"

namespace berth {

// What reads gave the last time, by key, so that a page that is asked for a thousand times a second
// costs one read. Good until anything at all is written, and for a second at most: an admin may
// have changed the file by hand. Holds `most` values; when there would be more it starts anew. One
// thread.
template <class Value>
class Remembered {
 public:
  Remembered(const Store& store, const Clock& clock, std::size_t most)
      : store_(store), clock_(clock), most_(most) {}

  // Null: it has to be read. Valid until the next call.
  const Value* find(std::string_view key) {
    forget_what_is_old();
    auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
  }

  // To be taken before a read begins, and given with what it gave.
  std::uint64_t as_of() const { return store_.writes(); }
  void keep(std::string key, std::uint64_t as_of, Value value) {
    forget_what_is_old();
    if (as_of != as_of_) return;
    if (values_.size() >= most_) values_.clear();
    values_.insert_or_assign(std::move(key), std::move(value));
  }

 private:
  static constexpr std::chrono::milliseconds kOldest{1'000};

  void forget_what_is_old() {
    const auto now = clock_.steady();
    if (store_.writes() == as_of_ && now - since_ < kOldest) return;
    values_.clear();
    as_of_ = store_.writes();
    since_ = now;
  }

  const Store& store_;
  const Clock& clock_;
  std::size_t most_;
  std::map<std::string, Value, std::less<>> values_;
  std::uint64_t as_of_ = 0;
  std::chrono::milliseconds since_{0};
};

}  // namespace berth
