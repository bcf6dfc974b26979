// What a server may send us: the same in whatever pieces it comes, and never more than its bounds.
#include <optional>

#include "fuzz.hpp"
#include "http/answer_parser.hpp"
#include "http/line_splitter.hpp"

namespace berth::fuzz {
namespace {

using To = http::AnswerParser::To;

constexpr http::AnswerBounds kBounds{.header_bytes = 512, .body_bytes = 1024};

struct Whole {
  int status = 0;
  bool is_reusable = false;
  std::string body;  // or what came behind a 101

  bool operator==(const Whole&) const = default;
};

// Nothing for an answer that is broken or cut. Which of the two it is may depend on the pieces:
// Beast looks at a header that came in pieces only once it is complete.
std::optional<Whole> read(const std::vector<std::string_view>& pieces, To to) {
  http::AnswerParser parser(kBounds, to);
  std::string body;
  for (const std::string_view piece : pieces) {
    if (auto put = parser.put(piece); !put) {
      require(put.error().code == ErrorCode::kInternal, "a broken answer says so");
      return std::nullopt;
    }
    body += parser.take_body();
    require(body.size() <= *kBounds.body_bytes, "a body in bounds");
  }
  require(!pieces.empty() == parser.has_begun(), "begun with the first byte");
  if (parser.is_upgraded()) {
    require(to == To::kUpgrade && parser.status() == 101, "upgraded where it was asked for");
    return Whole{parser.status(), false, parser.take_rest()};
  }
  const bool was_done = parser.is_done();
  if (auto end = parser.put_eof(); !end) {
    require(!was_done, "a whole answer may end");
    require(end.error().code == ErrorCode::kUnknown, "an answer that is cut is unknown");
    return std::nullopt;
  }
  body += parser.take_body();
  require(parser.is_done() && parser.is_head_done(), "done at the end");
  require(parser.status() >= 200, "no interim answer");
  require(to != To::kHead || body.empty(), "no body after HEAD");
  return Whole{parser.status(), parser.is_reusable(), body};
}

void check_lines(std::string_view input) {
  constexpr std::size_t kLongest = 32;
  const auto split = [](const std::vector<std::string_view>& pieces) {
    http::LineSplitter splitter(kLongest);
    std::vector<std::string> lines;
    for (const std::string_view piece : pieces) {
      const auto keep = [&](std::string_view line) {
        require(!line.empty() && line.size() <= kLongest && !line.contains('\n'), "a line");
        lines.emplace_back(line);
        return true;
      };
      if (!splitter.put(piece, keep)) {
        lines.emplace_back("<too long>");
        break;
      }
    }
    return lines;
  };
  require(split({input}) == split(pieces_of(input)), "lines are the same in pieces");
}

void check(std::string_view input) {
  for (const To to : {To::kAny, To::kHead, To::kUpgrade}) {
    const auto whole =
        read(input.empty() ? std::vector<std::string_view>{} : std::vector{input}, to);
    require(whole == read(pieces_of(input), to), "splitting changes nothing");
  }
  check_lines(input);
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
