#pragma once

#include <ctime>
#include <string>
#include <string_view>

namespace berth::http {

// "Sun, 06 Nov 1994 08:49:37 GMT", whatever the locale.
std::string format_http_date(std::time_t at);

// The present date as text, made once a second.
class HttpDate {
 public:
  std::string_view now();

 private:
  std::time_t second_ = -1;
  std::string text_;
};

}  // namespace berth::http
