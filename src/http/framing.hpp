#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/limits.hpp"

namespace berth::http {

struct FramingLimits {
  std::size_t header_bytes = limits::kHeaderBytes;
  std::size_t header_fields = limits::kHeaderFields;
  std::size_t target_bytes = limits::kTargetBytes;
  std::size_t body_bytes = limits::kBodyBytes;
};

// A header block that has exactly one reading. Its body is `content_length` bytes, right behind
// `bytes`.
struct RequestHead {
  std::string method;                                        // one of the five that we serve
  std::string target;                                        // as sent
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, values trimmed
  std::size_t content_length = 0;
  std::size_t bytes = 0;  // of the block, the empty line included
  bool keep_alive = true;
  bool expects_continue = false;

  bool operator==(const RequestHead&) const = default;
};

// Why a request is not served. The connection always closes after it: where the next request would
// start is not known.
struct Refusal {
  int status = 400;
  std::string_view reason;  // a literal

  bool operator==(const Refusal&) const = default;
};

// monostate: more bytes are needed.
using HeadResult = std::variant<std::monostate, RequestHead, Refusal>;

// Reads one request's header block as it arrives. Everything that proxies and servers have been
// seen to read in two ways is refused: see docs/decisions/0002-http-framing.md. What comes out does
// not depend on how the bytes are split.
class HeadScanner {
 public:
  explicit HeadScanner(FramingLimits limits) : limits_(limits) {}

  // `received` is all there is of this request so far, and more of it at each call. True once there
  // is a result.
  bool scan(std::string_view received);

  // After scan() was true, once.
  HeadResult take_result();

 private:
  void scan_line(std::string_view line);
  void scan_request_line(std::string_view line);
  void scan_field(std::string_view line);
  void note_field(const std::string& name, std::string_view value);
  void note_host(std::string_view value);
  void note_content_length(std::string_view value);
  void note_connection();
  void note_expect(std::string_view value);
  void check_whole();
  void check_first_byte(std::string_view rest);
  void check_room(std::size_t line_bytes);
  void refuse(int status, std::string_view reason);

  FramingLimits limits_;
  RequestHead head_;
  Refusal refusal_{0, {}};
  std::size_t next_line_ = 0;  // offset of the first byte that belongs to no complete line
  bool has_request_line_ = false;
  bool is_complete_ = false;
  bool is_http_10_ = false;
  bool has_host_ = false;
  bool has_length_ = false;
};

// The same for bytes that are all there, as fuzzers want it.
HeadResult scan_head(std::string_view received, FramingLimits limits = {});

}  // namespace berth::http
