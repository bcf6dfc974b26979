#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace berth::http {

struct ResponseFrame {
  std::string_view request_id;
  std::string_view date;  // IMF-fixdate
  bool keep_alive = true;
  bool is_head = false;    // announce the body, leave it out
  bool is_stream = false;  // the body has no length: it ends with the connection
};

// One answer as bytes. The framing fields are ours alone: a handler's Content-Length, Connection
// and the like, and any header with characters that could start another one, are dropped and
// logged.
std::string write_response(const Response& response, const ResponseFrame& frame);

// "OK" for 200; "Unknown" for a number that has no name.
std::string_view reason_phrase(int status);

}  // namespace berth::http
