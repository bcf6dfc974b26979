#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace berth::http {

// One row of a face's table. `pattern` is literal but for whole segments `{name}`, e.g.
// "/containers/status/{cid}". `access` names a row of the authorization matrix: the face decides
// what it means, and a route without one does not build.
struct Route {
  std::string method;
  std::string pattern;
  std::string access;
  Handler handler;
};

// Exact match of decoded segments, literal before {name}, which never matches an empty one. Unknown
// path: 404. Known path, other method: 405 with Allow. HEAD goes to the GET handler; the server
// drops the body.
class Router {
 public:
  using Refuse = http::Refuse;

  // Asserts that each route has an access and a handler, and that no two match the same.
  Router(std::vector<Route> routes, Refuse refuse);

  Task<Response> handle(Request request) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Node;

  static void add(Node& root, const Route& route, std::size_t index);

  std::vector<Route> routes_;
  Refuse refuse_;
  std::shared_ptr<const Node> root_;  // copies of a router share it
};

}  // namespace berth::http
