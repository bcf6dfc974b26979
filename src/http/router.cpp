#include "http/router.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <map>
#include <optional>
#include <span>

namespace berth::http {

// One place in the tree of segments. A tree, not a list: a request costs its own segments, not the
// number of routes.
struct Router::Node {
  std::map<std::string, Node, std::less<>> literals;
  std::unique_ptr<Node> any;  // {name}
  std::map<std::string, std::size_t, std::less<>>
      methods;  // to the index of the route; empty: nothing ends here

  using Segments = std::span<const std::string_view>;
  const Node* find(Segments segments) const;
  std::optional<std::size_t> route_for(std::string_view method) const;
  std::string allowed() const;
};

namespace {

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool is_name(std::string_view segment) {
  return segment.starts_with('{') && segment.ends_with('}');
}

std::vector<std::pair<std::string, std::string>> match_params(std::string_view pattern,
                                                              std::string_view path) {
  std::vector<std::pair<std::string, std::string>> params;
  const auto names = split(pattern);
  const auto values = split(path);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!is_name(names[i])) continue;
    params.emplace_back(names[i].substr(1, names[i].size() - 2), values[i]);
  }
  return params;
}

Task<Response> answer(Response response) { co_return response; }

}  // namespace

// Goes back to {name} where the literal leads nowhere. The depth is that of the table, whatever the
// path.
const Router::Node* Router::Node::find(Segments segments) const {
  if (segments.empty()) return methods.empty() ? nullptr : this;
  const auto literal = literals.find(segments.front());
  if (literal != literals.end()) {
    if (const Node* found = literal->second.find(segments.subspan(1))) return found;
  }
  return any && !segments.front().empty() ? any->find(segments.subspan(1)) : nullptr;
}

std::optional<std::size_t> Router::Node::route_for(std::string_view method) const {
  auto found = methods.find(method);
  if (found == methods.end() && method == "HEAD") found = methods.find("GET");
  if (found == methods.end()) return {};
  return found->second;
}

std::string Router::Node::allowed() const {
  std::string list;
  for (const auto& [method, route] : methods) {
    list.append(list.empty() ? "" : ", ").append(method);
    if (method == "GET" && !methods.contains("HEAD")) list.append(", HEAD");
  }
  return list;
}

Router::Router(std::vector<Route> routes, Refuse refuse)
    : routes_(std::move(routes)), refuse_(std::move(refuse)) {
  auto root = std::make_shared<Node>();
  for (std::size_t i = 0; i < routes_.size(); ++i) add(*root, routes_[i], i);
  root_ = std::move(root);
}

void Router::add(Node& root, const Route& route, std::size_t index) {
  assert(!route.access.empty() && "a route needs a row of the authorization matrix");
  assert(route.handler && route.pattern.starts_with('/'));
  Node* node = &root;
  for (const std::string_view segment : split(route.pattern)) {
    if (!is_name(segment)) {
      node = &node->literals[std::string(segment)];
      continue;
    }
    if (!node->any) node->any = std::make_unique<Node>();
    node = node->any.get();
  }
  [[maybe_unused]] const bool is_new = node->methods.emplace(route.method, index).second;
  assert(is_new && "two routes match the same");
}

Task<Response> Router::handle(Request request) const {
  const Node* node = root_->find(split(request.path));
  if (node == nullptr) return answer(refuse_(404, "no such path"));
  const auto index = node->route_for(request.method);
  if (!index) {
    Response response = refuse_(405, "this path does not take that method");
    response.headers.emplace_back("Allow", node->allowed());
    return answer(std::move(response));
  }
  const Route& route = routes_[*index];
  request.params = match_params(route.pattern, request.path);
  return route.handler(std::move(request));
}

}  // namespace berth::http
