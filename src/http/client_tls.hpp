#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "base/result.hpp"

namespace berth::http {

// What a client needs to be known by a server and to know it, in a folder as the docker command
// has it (DOCKER_CERT_PATH): ca.pem, whose signature the server's certificate must bear; cert.pem
// and key.pem, our own. TLS 1.2 and 1.3. kInvalid names the file that cannot be used, a key that
// others than its owner and group may read among them.
Result<std::unique_ptr<boost::asio::ssl::context>> load_client_tls(const std::string& folder);

}  // namespace berth::http
