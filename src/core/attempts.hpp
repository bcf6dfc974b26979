#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <string>

#include "base/result.hpp"

namespace berth {

// How often somebody may guess. Failures are counted by account and address together, so that a
// stranger cannot lock the owner out, and by address alone, so that one address cannot spray many
// accounts. A plain value: time is handed in as a steady clock's milliseconds.
class Attempts {
 public:
  struct Rule {
    std::size_t per_account_and_address = 5;
    std::chrono::milliseconds account_window{15 * 60 * 1000};
    std::size_t per_address = 30;
    std::chrono::milliseconds address_window{60 * 1000};
    std::size_t remembered = 100'000;  // keys; past that the oldest are forgotten
  };

  Attempts() = default;
  explicit Attempts(Rule rule) : rule_(rule) {}

  // kTooMany with a sentence that says for how long.
  Result<> admit(const std::string& account, const std::string& address,
                 std::chrono::milliseconds now);
  // Counted before the slow check, so that guesses that run side by side all count; a success takes
  // it back.
  void failed(const std::string& account, const std::string& address,
              std::chrono::milliseconds now);
  void succeeded(const std::string& account, const std::string& address);

 private:
  using Times = std::deque<std::chrono::milliseconds>;

  Result<> within(const std::string& key, std::size_t most, std::chrono::milliseconds window,
                  std::chrono::milliseconds now);
  void record(const std::string& key, std::size_t most, std::chrono::milliseconds now);

  Rule rule_;
  std::map<std::string, Times> failures_;
  std::deque<std::string> order_;  // of first appearance
};

}  // namespace berth
