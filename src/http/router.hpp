#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace berth::http {

// One row of a face's table. `pattern` is literal but for whole segments `{name}`, e.g. "/containers/status/{cid}".
// `access` names a row of the authorization matrix: the face decides what it means, and a route without one does not
// build.
struct Route {
  std::string method;
  std::string pattern;
  std::string access;
  Handler handler;
};

// Exact match of decoded segments, literal before {name}. Unknown path: 404. Known path, other method: 405 with Allow.
class Router {
 public:
  // `refuse` makes the 404 and 405 answers in the face's own form.
  using Refuse = std::function<Response(int status, std::string_view reason)>;

  Router(std::vector<Route> routes, Refuse refuse);

  Task<Response> handle(Request request) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
  Refuse refuse_;
};

}  // namespace berth::http
