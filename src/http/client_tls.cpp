#include "http/client_tls.hpp"

#include <openssl/ssl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace berth::http {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

std::unexpected<Error> unusable(const std::string& file, const std::string& why) {
  return fail(ErrorCode::kInvalid, file + ": " + why);
}

// Whoever has the key is root on the machine behind it.
Result<> check_key_file(const std::string& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return unusable(file, std::strerror(errno));
  if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0)
    return unusable(file, "others may read or change the key; chmod 0600 takes that away");
  return ok();
}

}  // namespace

Result<std::unique_ptr<ssl::context>> load_client_tls(const std::string& folder) {
  const std::string ca = folder + "/ca.pem";
  const std::string certificate = folder + "/cert.pem";
  const std::string key = folder + "/key.pem";
  if (auto r = check_key_file(key); !r) return std::unexpected(r.error());

  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  SSL_CTX* native = context->native_handle();
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_options(native, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_cipher_list(native, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);

  error_code error;
  context->set_verify_mode(ssl::verify_peer, error);
  // Without this OpenSSL asks on the terminal.
  context->set_password_callback([](auto, auto) { return std::string(); }, error);
  context->load_verify_file(ca, error);
  if (error) return unusable(ca, "no certificates can be read from it: " + error.message());
  context->use_certificate_chain_file(certificate, error);
  if (error) return unusable(certificate, "no certificate can be read from it: " + error.message());
  context->use_private_key_file(key, ssl::context::pem, error);
  if (error) {
    return unusable(key,
                    "no key without a password that belongs to cert.pem can be read from it: " +
                        error.message());
  }
  return context;
}

}  // namespace berth::http
