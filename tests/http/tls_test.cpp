// The server behind TLS, seen by OpenSSL's own client.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "fakes/freer.hpp"
#include "http/web_socket.hpp"
#include "wire_fixture.hpp"

namespace berth::http::wire {
namespace {

using testing::Freer;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using TlsContext = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using Tls = std::unique_ptr<SSL, Freer<SSL_free>>;
using File = std::unique_ptr<std::FILE, Freer<std::fclose>>;

// A key and a certificate signed by itself, in a folder that goes away.
class TlsTest : public ::testing::Test {
 protected:
  TlsTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("berth-tls-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    files_ = {folder_ / "cert.pem", folder_ / "key.pem"};
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate(X509_new());
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    PEM_write_X509(File(std::fopen(files_.certificate_chain.c_str(), "w")).get(),
                   certificate.get());
    PEM_write_PrivateKey(File(std::fopen(files_.private_key.c_str(), "w")).get(), key.get(),
                         nullptr, nullptr, 0, nullptr, nullptr);
  }
  ~TlsTest() override { std::filesystem::remove_all(folder_); }

  ListenOptions options() const {
    ListenOptions made;
    made.tls = files_;
    return made;
  }

  std::filesystem::path folder_;
  TlsFiles files_;
};

Task<Response> tell(Request request) {
  co_return Response{.body = (request.tls ? "tls " : "plain ") + request.body};
}

class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, int highest_version = TLS1_3_VERSION)
      : raw_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), highest_version);
    tls_.reset(SSL_new(context_.get()));
    SSL_set_fd(tls_.get(), raw_.fd());
    const timeval patience{10, 0};
    ::setsockopt(raw_.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    is_connected_ = SSL_connect(tls_.get()) == 1;
  }

  bool is_connected() const { return is_connected_; }
  void send(std::string_view bytes) {
    SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  std::string read_to_end() { return read_until(""); }
  // Empty: there is no such end.
  std::string read_until(std::string_view end) {
    std::string text;
    char piece[4096];
    for (int got = 1; got > 0 && (end.empty() || !text.ends_with(end));) {
      got = SSL_read(tls_.get(), piece, sizeof piece);
      if (got > 0) text.append(piece, static_cast<std::size_t>(got));
    }
    return text;
  }
  // Did the server say that it was the end, so that nobody can have cut the answer short?
  bool was_closed_properly() const {
    return (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 private:
  RawClient raw_;
  TlsContext context_;
  Tls tls_;
  bool is_connected_ = false;
};

TEST_F(TlsTest, ServesPipelinedRequestsAndClosesProperly) {
  RunningServer server(tell, options());
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server.port(), version);
    ASSERT_TRUE(client.is_connected());
    client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
    client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const auto answers = parse_answers(client.read_to_end());
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[0].body, "tls abc");
    EXPECT_EQ(answers[1].status, 200);
    EXPECT_TRUE(client.was_closed_properly());
  }
}

TEST_F(TlsTest, MovesALargeAnswerAndALargeBody) {
  ListenOptions large = options();
  large.body_bytes = 1 << 20;
  RunningServer server(tell, large);
  TlsClient client(server.port());
  const std::string body(1 << 20, 'x');
  client.send("POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n" +
              body);
  const auto answers = parse_answers(client.read_to_end());
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].body, "tls " + body);
}

TEST_F(TlsTest, CarriesAWebSocket) {
  RunningServer server(
      [](Request request) -> Task<Response> {
        auto upgrade = std::make_shared<WebSocketUpgrade>();
        upgrade->key = web_socket_key(request).value();
        upgrade->converse = [](WebSocket& socket) -> Task<> {
          auto message = co_await socket.receive();
          co_await socket.send(std::move(*message));
        };
        co_return Response{.status = 101, .web_socket = std::move(upgrade)};
      },
      options());
  TlsClient client(server.port());
  ASSERT_TRUE(client.is_connected());
  client.send(
      "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  EXPECT_TRUE(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
  client.send(std::string("\x81\x82\0\0\0\0hi", 8));
  EXPECT_EQ(client.read_until("\x03\xe8"), "\x81\x02hi\x88\x02\x03\xe8");
  client.send(std::string("\x88\x82\0\0\0\0\x03\xe8", 8));
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(client.was_closed_properly());
}

TEST_F(TlsTest, RefusesOldVersionsAndPlainText) {
  RunningServer server(tell, options());
  EXPECT_FALSE(TlsClient(server.port(), TLS1_1_VERSION).is_connected());
  RawClient plain(server.port());
  plain.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_FALSE(plain.read_to_end().contains("HTTP/1.1 200"));
  TlsClient good(server.port());
  EXPECT_TRUE(good.is_connected());
}

TEST_F(TlsTest, SlowHandshakesAndHeadersAreCut) {
  ListenOptions quick = options();
  quick.deadlines.header = std::chrono::milliseconds(100);
  quick.deadlines.linger = std::chrono::milliseconds(40);
  RunningServer server(tell, quick);
  RawClient silent(server.port());
  EXPECT_EQ(silent.read_to_end(), "");
  TlsClient slow(server.port());
  ASSERT_TRUE(slow.is_connected());
  slow.send("GET / HT");
  EXPECT_TRUE(slow.read_to_end().starts_with("HTTP/1.1 408 "));
}

TEST_F(TlsTest, NamesTheFileThatCannotBeUsed) {
  boost::asio::io_context io;
  ListenOptions broken = options();
  broken.address = "127.0.0.1:0";
  broken.tls->private_key = folder_ / "missing.pem";
  Server server(io, broken, tell);
  const auto listening = server.listen();
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().code, ErrorCode::kInvalid);
  EXPECT_TRUE(listening.error().message.contains("missing.pem"));
}

}  // namespace
}  // namespace berth::http::wire
