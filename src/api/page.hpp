#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "http/router.hpp"

namespace berth::api {

// One file of the page as it lies in the program (cmake/embed_page.cmake). Empty `gzip` or
// `brotli`: no such variant.
struct PageFile {
  std::string_view path;  // /assets/index-a1b2c3d4.js
  std::string_view type;
  std::string_view etag;      // without quotes
  bool is_immutable = false;  // its name has a hash of what it holds
  std::string_view plain;
  std::string_view gzip;
  std::string_view brotli;
};

// What was there when the program was built; a page that says how to build it, where there was
// nothing.
std::span<const PageFile> page_files();

// Routes of the page: each file, and /index.html for every path that the page itself shows: /,
// /ui/..., /docs. Nothing of the API is ever answered with a page. Access class: "public".
std::vector<http::Route> page_routes(std::span<const PageFile> files);

// The answer with one file, in the best form that the caller takes.
http::Response page_response(const http::Request& request, const PageFile& file);

}  // namespace berth::api
