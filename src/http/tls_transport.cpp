#include "http/tls_transport.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <optional>

#include "http/client_tls.hpp"
#include "http/socket_transport.hpp"

namespace berth::http {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;

bool is_numeric(const std::string& host) {
  error_code error;
  asio::ip::make_address(host, error);
  return !error;
}

// Only what stands in subjectAltName counts, as everywhere today.
bool expect_host(SSL* native, const std::string& host) {
  X509_VERIFY_PARAM* rules = SSL_get0_param(native);
  X509_VERIFY_PARAM_set_hostflags(
      rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (is_numeric(host)) return X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str()) == 1;
  return X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size()) == 1 &&
         SSL_set_tlsext_host_name(native, host.c_str()) == 1;
}

std::string explain_distrust(SSL* native, const std::string& host) {
  const long verdict = SSL_get_verify_result(native);
  switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return "its certificate is not made out to " + host + " (subjectAltName)";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "its certificate is not signed by the authority in ca.pem";
    default:
      return std::string("its certificate does not hold: ") +
             X509_verify_cert_error_string(verdict);
  }
}

// Alerts that are about the certificate we sent, or did not send.
bool is_refusal(int reason) {
  switch (reason) {
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

bool is_not_tls(int reason) {
  return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG ||
         reason == SSL_R_UNEXPECTED_MESSAGE;
}

class TlsTransport final : public TcpTransport, public std::enable_shared_from_this<TlsTransport> {
 public:
  TlsTransport(asio::io_context& io, const Address& address)
      : TcpTransport(io, address.host, address.port), certificates_(address.certificates) {}

  Task<error_code> connect() override {
    const auto self = shared_from_this();
    auto loaded = load_client_tls(certificates_);
    if (!loaded) {
      explanation_ = loaded.error().message;
      co_return asio::error::no_permission;
    }
    context_ = std::move(*loaded);
    error_code error = co_await TcpTransport::connect();
    if (error) co_return error;
    stream_.emplace(socket_, *context_);
    if (!expect_host(stream_->native_handle(), host())) co_return asio::error::invalid_argument;
    std::tie(error) = co_await stream_->async_handshake(ssl::stream_base::client, kTransportToken);
    note(error);
    is_through_ = !error;
    co_return error;
  }

  // The stream's own operations use it to their end, even where nobody waits for them any more.
  Task<Transferred> read_some(char* into, std::size_t size) override {
    const auto self = shared_from_this();
    auto [error, bytes] =
        co_await stream_->async_read_some(asio::buffer(into, size), kTransportToken);
    has_read_ = has_read_ || bytes > 0;
    note(error);
    co_return Transferred{error, bytes};
  }

  Task<Transferred> write(std::string_view bytes) override {
    const auto self = shared_from_this();
    auto [error, sent] = co_await asio::async_write(
        *stream_, asio::buffer(bytes.data(), bytes.size()), kTransportToken);
    note(error);
    co_return Transferred{error, sent};
  }

  bool is_quiet() override {
    return stream_ && SSL_pending(stream_->native_handle()) == 0 && TcpTransport::is_quiet();
  }

  bool is_proven_by_connect() const override { return false; }
  std::string explain() override { return explanation_; }

 private:
  void note(error_code error) {
    if (!error || error == asio::error::operation_aborted) return;
    if (error.category() == asio::error::get_ssl_category()) {
      note_alert(static_cast<unsigned long>(error.value()));
    } else if (!is_through_) {
      explanation_ = "it ended the TLS handshake; perhaps it does not speak TLS on this port: " +
                     error.message();
    } else if (!has_read_) {
      // Its alert is lost where it resets the connection at once.
      explanation_ = "it ended the connection when it had seen our certificate " + certificates_ +
                     "/cert.pem, which it may refuse: " + error.message();
    }
  }

  void note_alert(unsigned long alert) {
    const int reason = ERR_GET_REASON(alert);
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
      explanation_ = explain_distrust(stream_->native_handle(), host());
    } else if (is_not_tls(reason) && !is_through_) {
      explanation_ = "it does not speak TLS on this port";
    } else if (is_refusal(reason)) {
      explanation_ = "it refuses our certificate " + certificates_ +
                     "/cert.pem: " + ERR_reason_error_string(alert);
    }
  }

  std::string certificates_;
  std::unique_ptr<ssl::context> context_;
  std::optional<ssl::stream<asio::ip::tcp::socket&>> stream_;
  std::string explanation_;
  bool is_through_ = false;  // the handshake
  bool has_read_ = false;
};

}  // namespace

std::shared_ptr<Transport> make_tls_transport(asio::io_context& io, const Address& address) {
  return std::make_shared<TlsTransport>(io, address);
}

}  // namespace berth::http
