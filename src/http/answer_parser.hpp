#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/limits.hpp"
#include "base/result.hpp"

namespace berth::http {

struct AnswerBounds {
  std::size_t header_bytes = limits::kEngineHeaderBytes;
  std::optional<std::size_t> body_bytes =
      limits::kEngineBodyBytes;  // none: a body without end, taken as it comes
};

// One HTTP answer from bytes as they come, in pieces of any size. No socket: what a server may do
// to us is decided, tested and fuzzed here. Beast's grammar with the bounds that it lacks: it
// counts header bytes a read, not a message, and an assertion of its own fails on a last chunk that
// comes in pieces of less than five bytes.
class AnswerParser {
 public:
  // What the request was makes a difference to its answer.
  enum class To {
    kAny,
    kHead,    // no body, whatever the header says
    kUpgrade  // 101 ends it, and what comes behind is no HTTP any more
  };
  explicit AnswerParser(AnswerBounds bounds = {}, To to = To::kAny);
  ~AnswerParser();

  // kInternal: the answer broke a bound or the protocol, and nothing of it may be used. Bytes after
  // the end of the answer are a broken protocol too: nothing was asked that they could answer.
  Result<> put(std::string_view bytes);
  // The server has closed. kUnknown: in the middle of its answer.
  Result<> put_eof();

  bool has_begun() const;  // at least one byte came
  bool is_head_done() const;
  bool is_done() const;
  int status() const;        // once the head is done
  bool is_reusable() const;  // once done: the connection may carry another exchange
  std::string take_body();   // what has come of it since the last call
  bool is_upgraded() const;  // a 101 to an upgrade
  std::string take_rest();   // what has come behind that

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace berth::http
