#include "http/tls_context.hpp"

#include <openssl/ssl.h>

namespace berth::http {

namespace ssl = boost::asio::ssl;

Result<std::unique_ptr<ssl::context>> make_tls_context(const TlsFiles& files) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_server);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(
      native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);  // an idle connection keeps 34 KB less

  boost::system::error_code error;
  context->use_certificate_chain_file(files.certificate_chain, error);
  if (error)
    return fail(ErrorCode::kInvalid, "cannot use certificate " + files.certificate_chain,
                error.message());
  context->use_private_key_file(files.private_key, ssl::context::pem, error);
  if (error)
    return fail(ErrorCode::kInvalid, "cannot use private key " + files.private_key,
                error.message());
  return context;
}

}  // namespace berth::http
