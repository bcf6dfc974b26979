#pragma once

#include <memory>

#include "http/transport.hpp"

namespace berth::http {

// The system's `ssh`, which runs the address's command over there: what it reads and prints is the
// stream. Never asks anything, and believes only hosts that it knows already. Whom it is to be
// there, keys, jump hosts and the like are the business of ~/.ssh of whoever runs this program.
std::shared_ptr<Transport> make_ssh_transport(boost::asio::io_context& io, const Address& address);

}  // namespace berth::http
