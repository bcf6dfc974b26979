#include "http/answer_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <utility>

namespace berth::http {
namespace {

namespace beast = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

// The shortest rest of a chunked body outside a chunk: "0\r\n\r\n".
constexpr std::size_t kShortestChunkEnd = 5;
constexpr int kSwitchingProtocols = 101;

// Keeps the status and the body; fields are checked and dropped, trailers with them.
class Grammar final : public beast::basic_parser<false> {
 public:
  int status = 0;
  std::string body;
  std::uint64_t chunk_left = 0;
  bool reusable = false;

 private:
  void on_request_impl(beast::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code&) override { status = code; }
  void on_field_impl(beast::field, string_view, string_view, error_code&) override {}
  void on_header_impl(error_code&) override { reusable = keep_alive(); }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_chunk_header_impl(std::uint64_t size, string_view, error_code&) override {
    chunk_left = size;
  }
  std::size_t on_chunk_body_impl(std::uint64_t left, string_view bytes, error_code&) override {
    body.append(bytes.data(), bytes.size());
    chunk_left = left - bytes.size();
    return bytes.size();
  }
  void on_finish_impl(error_code&) override {}
};

Result<> broken(std::string_view what) {
  return fail(ErrorCode::kInternal, "the answer is not proper HTTP", std::string(what));
}

}  // namespace

class AnswerParser::Impl {
 public:
  Impl(AnswerBounds bounds, To to) : bounds_(bounds), may_upgrade_(to == To::kUpgrade) {
    grammar_.header_limit(static_cast<std::uint32_t>(bounds.header_bytes));
    if (bounds.body_bytes) {
      grammar_.body_limit(*bounds.body_bytes);
    } else {
      grammar_.body_limit(boost::none);
    }
    grammar_.eager(true);
    grammar_.skip(to == To::kHead);
  }

  Result<> put(std::string_view bytes) {
    pending_ += bytes;
    total_bytes_ += bytes.size();
    while (!grammar_.is_done() && !pending_.empty() && !holds_back()) {
      error_code error;
      const auto used = grammar_.put(boost::asio::buffer(pending_), error);
      if (auto checked = consume(used); !checked) return checked;
      if (error == beast::error::need_more) break;
      if (error) return broken(error.message());
      if (used == 0) break;
    }
    return check();
  }

  Result<> put_eof() {
    error_code error = beast::error::partial_message;
    if (grammar_.got_some() && pending_.empty()) grammar_.put_eof(error);
    if (error) return fail(ErrorCode::kUnknown, "the connection ended in the middle of the answer");
    return ok();
  }

  Grammar& grammar() { return grammar_; }
  bool is_upgraded() const {
    return may_upgrade_ && grammar_.is_header_done() && grammar_.status == kSwitchingProtocols;
  }
  std::string take_rest() { return std::exchange(pending_, {}); }
  bool has_begun() const { return total_bytes_ > 0; }

 private:
  bool holds_back() const {
    return grammar_.is_header_done() && grammar_.chunked() && grammar_.chunk_left == 0 &&
           pending_.size() < kShortestChunkEnd;
  }

  Result<> consume(std::size_t used) {
    pending_.erase(0, used);
    if (grammar_.is_header_done()) return ok();
    header_bytes_ += used;
    if (header_bytes_ + pending_.size() > bounds_.header_bytes)
      return broken("header limit exceeded");
    return ok();
  }

  Result<> check() const {
    if (is_upgraded()) return ok();
    if (grammar_.is_header_done() && grammar_.status < 200)
      return broken("an interim answer nobody asked for");
    if (grammar_.is_done() && !pending_.empty()) return broken("bytes after the end of the answer");
    if (pending_.size() > bounds_.header_bytes) return broken("chunk header limit exceeded");
    // The overhead of chunks: twice the body is far more than any engine sends.
    if (bounds_.body_bytes && total_bytes_ > bounds_.header_bytes + 2 * *bounds_.body_bytes) {
      return broken("body limit exceeded");
    }
    return ok();
  }

  AnswerBounds bounds_;
  bool may_upgrade_;
  Grammar grammar_;
  std::string pending_;  // came, and not understood yet
  std::size_t total_bytes_ = 0;
  std::size_t header_bytes_ = 0;  // of a header that is not complete yet
};

AnswerParser::AnswerParser(AnswerBounds bounds, To to)
    : impl_(std::make_unique<Impl>(bounds, to)) {}
AnswerParser::~AnswerParser() = default;

Result<> AnswerParser::put(std::string_view bytes) { return impl_->put(bytes); }
Result<> AnswerParser::put_eof() { return impl_->put_eof(); }
bool AnswerParser::has_begun() const { return impl_->has_begun(); }
bool AnswerParser::is_head_done() const { return impl_->grammar().is_header_done(); }
bool AnswerParser::is_done() const { return impl_->grammar().is_done(); }
int AnswerParser::status() const { return impl_->grammar().status; }
bool AnswerParser::is_reusable() const { return is_done() && impl_->grammar().reusable; }
std::string AnswerParser::take_body() { return std::exchange(impl_->grammar().body, {}); }
bool AnswerParser::is_upgraded() const { return impl_->is_upgraded(); }
std::string AnswerParser::take_rest() { return impl_->take_rest(); }

}  // namespace berth::http
