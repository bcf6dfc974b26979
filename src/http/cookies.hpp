#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/message.hpp"

namespace berth::http {

enum class CookieState {
  kAbsent,
  kPresent,
  kDuplicate,  // sent twice: nobody knows which one counts, so neither does
  kMalformed,  // the value has characters that no cookie may have
};

struct FoundCookie {
  CookieState state = CookieState::kAbsent;
  std::string value;  // only when kPresent
};

// The cookies of one request, several Cookie headers taken together. Other programs on this host
// set cookies too (Jupyter, on another port), so one that is malformed does not spoof or spoil the
// rest: it is only not there.
class Cookies {
 public:
  // kTooLarge above kCookieBytes or kCookies.
  static Result<Cookies> parse(const Request& request);

  FoundCookie find(std::string_view name) const;

 private:
  struct Pair {
    std::string name;
    std::string value;
  };

  void add_header(std::string_view header);
  void add_pair(std::string_view text);

  std::vector<Pair> pairs_;
};

enum class SameSite { kLax, kStrict, kNone };

struct CookieOptions {
  std::optional<std::int64_t> max_age_s;  // none: until the browser is closed; 0: forget it
  bool http_only = true;
  bool secure = false;
  SameSite same_site = SameSite::kLax;
};

// The value of a Set-Cookie header, for the whole site (Path=/). kInvalid for a name or a value
// that would not come back as it is; SameSite=None needs `secure`.
Result<std::string> set_cookie(std::string_view name, std::string_view value,
                               const CookieOptions& options);

}  // namespace berth::http
