#pragma once

#include <string_view>

#include "http/client_stream.hpp"
#include "http/web_socket.hpp"

namespace berth::http {

// Answers the handshake, lets the two sides converse, and ends when they have; then nothing more
// may be done with the stream. Its own file, since Beast's WebSocket takes half a minute to
// compile.
template <class Stream>
Task<> serve_web_socket(Stream& stream, Connection& connection, const WebSocketUpgrade& upgrade,
                        std::string_view request_id);

extern template Task<> serve_web_socket(Socket&, Connection&, const WebSocketUpgrade&,
                                        std::string_view);
extern template Task<> serve_web_socket(TlsStream&, Connection&, const WebSocketUpgrade&,
                                        std::string_view);

}  // namespace berth::http
