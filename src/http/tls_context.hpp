#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "base/result.hpp"
#include "http/server.hpp"

namespace berth::http {

// TLS 1.2 and 1.3 with forward-secret AEAD ciphers. kInvalid names the file that cannot be used.
Result<std::unique_ptr<boost::asio::ssl::context>> make_tls_context(const TlsFiles& files);

}  // namespace berth::http
