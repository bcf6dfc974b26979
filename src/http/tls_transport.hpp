#pragma once

#include <memory>

#include "http/transport.hpp"

namespace berth::http {

// TLS over tcp with a certificate of ours: the server's must be signed by the folder's ca.pem and
// made out to this very host. The folder is read anew for each connection, so that renewed
// certificates hold from the next one on.
std::shared_ptr<Transport> make_tls_transport(boost::asio::io_context& io, const Address& address);

}  // namespace berth::http
