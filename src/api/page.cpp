#include "api/page.hpp"

#include <algorithm>
#include <string>

namespace berth::api {
namespace {

// Nothing inline, nothing from elsewhere. Vue and the charts set styles on elements, which is CSSOM
// and needs no 'unsafe-inline'; wasm and eval are not needed.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

// Whether Accept-Encoding takes `coding`: named, and not with q=0.
bool accepts(std::string_view header, std::string_view coding) {
  while (!header.empty()) {
    std::string_view one = header.substr(0, header.find(','));
    header.remove_prefix(std::min(header.size(), one.size() + 1));
    const auto begin = one.find_first_not_of(" \t");
    if (begin == std::string_view::npos) continue;
    one.remove_prefix(begin);
    const std::string_view name = one.substr(0, one.find_first_of("; \t"));
    if (name != coding) continue;
    const auto weight = one.find("q=");
    if (weight == std::string_view::npos) return true;
    const std::string_view value = one.substr(weight + 2);
    return value.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

struct Form {
  std::string_view coding;  // empty: as it is
  std::string_view bytes;
};

Form choose_form(std::string_view accepted, const PageFile& file) {
  if (!file.brotli.empty() && accepts(accepted, "br")) return {"br", file.brotli};
  if (!file.gzip.empty() && accepts(accepted, "gzip")) return {"gzip", file.gzip};
  return {"", file.plain};
}

Task<http::Response> serve_file(const PageFile* file, http::Request request) {
  co_return page_response(request, *file);
}

http::Route route_to(std::string pattern, const PageFile& file) {
  return {"GET", std::move(pattern), "public",
          [file = &file](http::Request request) { return serve_file(file, std::move(request)); }};
}

}  // namespace

http::Response page_response(const http::Request& request, const PageFile& file) {
  const Form form = choose_form(request.header("accept-encoding"), file);
  std::string etag = "\"" + std::string(file.etag);
  etag.append(form.coding.empty() ? "" : "-").append(form.coding).append("\"");
  http::Response response{.content_type = std::string(file.type)};
  response.headers = {
      {"Cache-Control", file.is_immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"ETag", etag},
      {"Vary", "Accept-Encoding"},
      {"Content-Security-Policy", std::string(kPolicy)},
      {"Referrer-Policy", "same-origin"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"X-Frame-Options", "DENY"}};
  if (request.header("if-none-match").find(etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  if (!form.coding.empty()) response.headers.emplace_back("Content-Encoding", form.coding);
  response.body = form.bytes;
  return response;
}

std::vector<http::Route> page_routes(std::span<const PageFile> files) {
  std::vector<http::Route> routes;
  for (const PageFile& file : files) {
    if (file.path != "/index.html") routes.push_back(route_to(std::string(file.path), file));
  }
  const auto index = std::ranges::find(files, "/index.html", &PageFile::path);
  if (index == files.end()) return routes;
  // As deep as the page's own addresses go: /ui/containers/7/log.
  for (const char* pattern :
       {"/", "/docs", "/ui", "/ui/", "/ui/{a}", "/ui/{a}/{b}", "/ui/{a}/{b}/{c}"}) {
    routes.push_back(route_to(pattern, *index));
  }
  return routes;
}

}  // namespace berth::api
