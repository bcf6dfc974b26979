// "METHOD TARGET": the decoded path has one reading, comes back from its own encoding, and the
// router finds what a plain list of patterns finds.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <optional>

#include "api/v1/queries.hpp"
#include "base/limits.hpp"
#include "base/utf8.hpp"
#include "engine/docker/target.hpp"
#include "fakes/run.hpp"
#include "fuzz.hpp"
#include "http/router.hpp"
#include "http/target.hpp"

namespace berth::fuzz {
namespace {

using Segments = std::vector<std::string>;

struct Row {
  std::string method;
  std::string pattern;
};

const std::vector<Row> kTable{{"GET", "/"},           {"GET", "/a"},         {"POST", "/a"},
                              {"GET", "/a/{x}"},      {"GET", "/a/b"},       {"DELETE", "/a/{x}/c"},
                              {"GET", "/{x}/b/c"},    {"PUT", "/a/{x}/{y}"}, {"GET", "/{x}"},
                              {"HEAD", "/{x}/{y}/d"}, {"GET", "/a/"}};

Task<http::Response> tell(std::string pattern, http::Request request) {
  for (const auto& [name, value] : request.params) pattern += " " + name + "=" + value;
  co_return http::Response{.body = pattern};
}

const http::Router& router() {
  static const http::Router kRouter = [] {
    std::vector<http::Route> routes;
    for (const Row& row : kTable) {
      routes.push_back(
          {row.method, row.pattern, "public", [pattern = row.pattern](http::Request request) {
             return tell(pattern, std::move(request));
           }});
    }
    return http::Router(std::move(routes), http::refuse_plainly);
  }();
  return kRouter;
}

Segments split(std::string_view path) {
  Segments segments;
  while (!path.empty()) {
    path.remove_prefix(1);
    segments.emplace_back(path.substr(0, path.find('/')));
    path.remove_prefix(segments.back().size());
  }
  return segments;
}

bool is_name(const std::string& segment) { return segment.starts_with('{'); }

bool matches(const Segments& pattern, const Segments& path) {
  return std::ranges::equal(pattern, path, [](const std::string& wanted, const std::string& is) {
    return is_name(wanted) ? !is.empty() : wanted == is;
  });
}

// Literal before {name}, from the left.
bool is_better(const Segments& a, const Segments& b) {
  return std::ranges::lexicographical_compare(a, b, {}, is_name, is_name);
}

struct Expected {
  int status = 404;
  std::string body;
};

Expected expect(std::string_view method, const std::string& path) {
  const Segments segments = split(path);
  std::optional<Segments> best;
  for (const Row& row : kTable) {
    Segments pattern = split(row.pattern);
    if (matches(pattern, segments) && (!best || is_better(pattern, *best)))
      best = std::move(pattern);
  }
  if (!best) return {};
  const auto find = [&](std::string_view wanted) {
    return std::ranges::find_if(kTable, [&](const Row& row) {
      return row.method == wanted && split(row.pattern) == *best;
    });
  };
  auto row = find(method);
  if (row == kTable.end() && method == "HEAD") row = find("GET");
  if (row == kTable.end()) return {405, {}};
  std::string body = row->pattern;
  for (std::size_t i = 0; i < best->size(); ++i) {
    const std::string& name = (*best)[i];
    if (is_name(name)) body += " " + name.substr(1, name.size() - 2) + "=" + segments[i];
  }
  return {200, body};
}

void check_target(const http::Target& target) {
  const std::string& path = target.path;
  require(path.starts_with('/') && count_code_points(path).has_value(), "a path of UTF-8");
  const Segments segments = split(path);
  std::string encoded;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& one = segments[i];
    require(one != "." && one != "..", "no dots");
    require(!one.empty() || i + 1 == segments.size(), "no empty segment but the last");
    require(std::ranges::none_of(one, [](unsigned char c) { return c < 0x20 || c == 0x7F; }) &&
                !one.contains('\\'),
            "nothing that hides");
    encoded += "/" + docker::percent_encode(one);
  }
  const auto again = http::parse_target(encoded + "?" + target.query);
  require(again && again->path == path && again->query == target.query, "there and back");
}

void check_query(const http::Request& request) {
  api::v1::Query query(request);
  const auto page = api::v1::read_page(query);
  const auto word = query.word("scope", {"all", "mine"});
  query.time("since");
  require(page.limit >= 1 && page.limit <= static_cast<std::size_t>(limits::kPage), "a page");
  require(page.after >= 0 && page.after <= limits::kLargestId, "after");
  require(!word || !query.finish() || *word == "all" || *word == "mine", "a word that is known");
  if (const auto result = query.finish(); !result)
    require(result.error().code == ErrorCode::kInvalid && !result.error().message.empty(), "why");
}

void check(std::string_view input) {
  const std::string_view method = input.substr(0, input.find(' '));
  const std::string_view raw = input.substr(std::min(method.size() + 1, input.size()));
  auto target = http::parse_target(raw);
  if (!target) return;
  check_target(*target);
  http::Request request{
      .method = std::string(method), .path = target->path, .query = target->query};
  check_query(request);
  const Expected expected = expect(method, target->path);
  boost::asio::io_context io;
  const auto response = testing::run(io, router().handle(std::move(request)));
  require(response.status == expected.status, "the router's status");
  require(expected.status != 200 || response.body == expected.body, "the router's choice");
  require((response.status == 405) == !response.headers.empty(), "Allow");
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
