#include "core/attempts.hpp"

#include <cassert>

namespace berth {
namespace {

std::string pair_key(const std::string& account, const std::string& address) {
  return account + '\n' + address;
}

}  // namespace

Result<> Attempts::admit(const std::string& account, const std::string& address,
                         std::chrono::milliseconds now) {
  if (auto r = within(pair_key(account, address), rule_.per_account_and_address,
                      rule_.account_window, now);
      !r) {
    return r;
  }
  return within(address, rule_.per_address, rule_.address_window, now);
}

void Attempts::failed(const std::string& account, const std::string& address,
                      std::chrono::milliseconds now) {
  record(pair_key(account, address), rule_.per_account_and_address, now);
  record(address, rule_.per_address, now);
}

void Attempts::succeeded(const std::string& account, const std::string& address) {
  failures_.erase(pair_key(account, address));
  auto found = failures_.find(address);
  if (found != failures_.end() && !found->second.empty()) found->second.pop_back();
}

Result<> Attempts::within(const std::string& key, std::size_t most,
                          std::chrono::milliseconds window, std::chrono::milliseconds now) {
  auto found = failures_.find(key);
  if (found == failures_.end()) return ok();
  Times& times = found->second;
  assert(most > 0 && times.size() <= most);
  while (!times.empty() && now - times.front() >= window) times.pop_front();
  if (times.size() < most) return ok();
  const auto wait_s =
      std::chrono::ceil<std::chrono::seconds>(window - (now - times.front())).count();
  return fail(ErrorCode::kTooMany,
              "too many failed log-ins, try again in " + std::to_string(wait_s) + " s");
}

void Attempts::record(const std::string& key, std::size_t most, std::chrono::milliseconds now) {
  auto [entry, is_new] = failures_.try_emplace(key);
  if (is_new) order_.push_back(key);
  entry->second.push_back(now);
  while (entry->second.size() > most) entry->second.pop_front();
  while (order_.size() > rule_.remembered) {
    failures_.erase(order_.front());
    order_.pop_front();
  }
  assert(failures_.size() <= rule_.remembered);
}

}  // namespace berth
