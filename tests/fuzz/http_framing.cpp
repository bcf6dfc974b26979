// A request's header block: the same however it is split, within its bounds, read once like its
// canonical text, and never accepted where Beast's own parser reads something else.
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "fuzz.hpp"
#include "http/framing.hpp"
#include "http/tokens.hpp"

namespace berth::fuzz {
namespace {

namespace beast = boost::beast::http;
using http::RequestHead;

// Small enough for an input to reach them.
constexpr http::FramingLimits kLimits{
    .header_bytes = 1024, .header_fields = 12, .target_bytes = 128, .body_bytes = 2048};

http::HeadResult scan_in_pieces(std::string_view input) {
  http::HeadScanner scanner(kLimits);
  std::string received;
  for (const std::string_view piece : pieces_of(input)) {
    received += piece;
    if (scanner.scan(received)) return scanner.take_result();
  }
  return {};
}

void check_bounds(const RequestHead& head, std::string_view input) {
  require(head.bytes <= kLimits.header_bytes && head.bytes <= input.size(), "bytes in bounds");
  require(head.headers.size() <= kLimits.header_fields, "fields in bounds");
  require(head.target.size() <= kLimits.target_bytes, "target in bounds");
  require(head.content_length <= kLimits.body_bytes, "body in bounds");
  for (const auto& [name, value] : head.headers) {
    require(http::is_token(name) && name == http::lower_case(name), "a name is a token");
    require(http::is_field_value(value) && value == http::trim_blanks(value), "a value is clean");
    require(name != "transfer-encoding", "one framing only");
  }
}

void check_canonical(RequestHead head, std::string_view input) {
  std::string text(input.substr(0, input.find("\r\n")));
  for (const auto& [name, value] : head.headers) text += "\r\n" + name + ": " + value;
  text += "\r\n\r\n";
  auto again = http::scan_head(text, {.header_bytes = text.size()});
  auto* read = std::get_if<RequestHead>(&again);
  require(read != nullptr, "the canonical text is accepted");
  head.bytes = read->bytes;
  require(*read == head, "the canonical text reads the same");
}

// Beast is laxer nearly everywhere. Where it refuses what we take, it is the grammar of Connection
// and its like, of which we use two words and nothing else.
void check_against_beast(const RequestHead& head, std::string_view input) {
  beast::request_parser<beast::empty_body> parser;
  parser.skip(true);
  boost::system::error_code error;
  const auto used = parser.put(boost::asio::buffer(input.substr(0, head.bytes)), error);
  if (error == beast::error::bad_value) return;
  require(!error, error.message());
  require(parser.is_header_done() && used == head.bytes, "Beast ends the header where we do");
  const auto& message = parser.get();
  require(std::string_view(message.method_string()) == head.method, "Beast's method");
  require(std::string_view(message.target()) == head.target, "Beast's target");
  require(!parser.chunked(), "Beast sees no chunks");
  require(parser.content_length().value_or(0) == head.content_length, "Beast's length");
}

void check(std::string_view input) {
  const auto whole = http::scan_head(input, kLimits);
  require(whole == scan_in_pieces(input), "splitting changes nothing");
  if (const auto* refusal = std::get_if<http::Refusal>(&whole)) {
    require(refusal->status >= 400 && refusal->status < 600, "a refusal has its status");
    require(!refusal->reason.empty(), "a refusal has its reason");
  }
  const auto* head = std::get_if<RequestHead>(&whole);
  if (head == nullptr) return;
  check_bounds(*head, input);
  check_canonical(*head, input);
  check_against_beast(*head, input);
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
