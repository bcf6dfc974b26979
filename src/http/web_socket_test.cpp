#include "http/web_socket.hpp"

#include <gtest/gtest.h>

namespace berth::http {
namespace {

Request handshake() {
  return {.method = "GET",
          .path = "/",
          .headers = {{"host", "h"},
                      {"connection", "keep-alive, Upgrade"},
                      {"upgrade", "WebSocket"},
                      {"sec-websocket-version", "13"},
                      {"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="}}};
}

TEST(WebSocketKeyTest, IsTheKeyOfAProperHandshake) {
  EXPECT_EQ(web_socket_key(handshake()).value(), "dGhlIHNhbXBsZSBub25jZQ==");
}

TEST(WebSocketKeyTest, RefusesWhatIsNone) {
  Request request = handshake();
  request.method = "HEAD";
  EXPECT_FALSE(web_socket_key(request));
  for (const auto& [at, value] :
       std::vector<std::pair<std::size_t, std::string>>{{1, "keep-alive"},
                                                        {1, "Upgraded"},
                                                        {2, "h2c"},
                                                        {3, "8"},
                                                        {3, "13, 8"},
                                                        {3, ""},
                                                        {4, ""},
                                                        {4, "short=="},
                                                        {4, "dGhlIHNhbXBsZSBub25jZQ"},
                                                        {4, "dGhlIHNhbXBsZSBub25j\"Q=="}}) {
    request = handshake();
    request.headers[at].second = value;
    EXPECT_FALSE(web_socket_key(request)) << request.headers[at].first << ": " << value;
    request.headers.erase(request.headers.begin() + static_cast<std::ptrdiff_t>(at));
    EXPECT_FALSE(web_socket_key(request)) << at;
  }
}

}  // namespace
}  // namespace berth::http
