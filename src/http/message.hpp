#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.hpp"

namespace berth::http {

// One request, complete and within bounds: what a handler sees. Never a socket.
struct Request {
  std::string method;  // GET, POST, PUT, DELETE, HEAD
  std::string path;    // decoded once; always starts with '/'
  std::string query;   // raw, without '?'
  std::vector<std::pair<std::string, std::string>>
      headers;  // names in lower case, in order of arrival
  std::string body;
  std::string peer;  // the client's address without port; "unix" for a local socket
  std::string id;    // request id, for the log and the X-Request-Id header
  bool tls = false;
  std::vector<std::pair<std::string, std::string>> params;  // what the route's {names} matched

  // The header's value, or empty. `name` in lower case.
  std::string_view header(std::string_view name) const;
  std::string_view param(std::string_view name) const;
};

class BodyStream;
struct WebSocketUpgrade;

struct Response {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  std::vector<std::pair<std::string, std::string>> headers;  // e.g. several Set-Cookie
  // Takes the place of `body` and takes the connection over, which ends with it (body_stream.hpp).
  std::shared_ptr<BodyStream> stream;
  // The same, instead of all the rest (web_socket.hpp).
  std::shared_ptr<WebSocketUpgrade> web_socket;
};

using Handler = std::function<Task<Response>(Request)>;

// Makes the answer of a refusal that no handler sees (framing, 404, 405) in the face's own form.
using Refuse = std::function<Response(int status, std::string_view reason)>;

// {"error":"<reason>"}, for faces that have no form of their own.
Response refuse_plainly(int status, std::string_view reason);

}  // namespace berth::http
