#include "http/tls_transport.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "fakes/certificates.hpp"
#include "fakes/run.hpp"
#include "http/client.hpp"
#include "http/socket_transport.hpp"

namespace berth::http {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using asio::ip::tcp;
using testing::Authority;
using ::testing::HasSubstr;
using Stream = ssl::stream<tcp::socket>;

constexpr char kHello[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

// A server that wants a certificate of every client, as an engine does with --tlsverify.
class TlsServer {
 public:
  using Serve = std::function<Task<>(std::shared_ptr<Stream>, std::string head)>;

  TlsServer(asio::io_context& io, const std::filesystem::path& folder, int newest = TLS1_3_VERSION)
      : context_(ssl::context::tls_server),
        acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    SSL_CTX_set_max_proto_version(context_.native_handle(), newest);
    context_.use_certificate_chain_file(folder / "cert.pem");
    context_.use_private_key_file(folder / "key.pem", ssl::context::pem);
    context_.load_verify_file(folder / "ca.pem");
    context_.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    asio::co_spawn(io, accept_loop(), asio::detached);
  }

  Address address(const std::filesystem::path& certificates, std::string host = "127.0.0.1") const {
    return {.host = std::move(host),
            .port = acceptor_.local_endpoint().port(),
            .certificates = certificates};
  }

  Serve serve = [](std::shared_ptr<Stream> stream, std::string) -> Task<> {
    co_await asio::async_write(*stream, asio::buffer(std::string_view(kHello)), kTransportToken);
  };
  int connections = 0;
  std::vector<std::string> heads;

 private:
  Task<> accept_loop() {
    for (;;) {
      auto stream = std::make_shared<Stream>(acceptor_.get_executor(), context_);
      auto [error] = co_await acceptor_.async_accept(stream->next_layer(), kTransportToken);
      if (error) co_return;
      ++connections;
      asio::co_spawn(acceptor_.get_executor(), converse(stream), asio::detached);
    }
  }

  Task<> converse(std::shared_ptr<Stream> stream) {
    auto [refused] = co_await stream->async_handshake(ssl::stream_base::server, kTransportToken);
    if (refused) co_return;
    for (std::string text;;) {
      auto [error, bytes] = co_await asio::async_read_until(*stream, asio::dynamic_buffer(text),
                                                            "\r\n\r\n", kTransportToken);
      if (error) co_return;
      heads.push_back(text.substr(0, bytes));
      text.erase(0, bytes);
      co_await serve(stream, heads.back());
    }
  }

  ssl::context context_;
  tcp::acceptor acceptor_;
};

class TlsTransportTest : public ::testing::Test {
 protected:
  Result<ClientResponse> send(Client& client, ClientRequest request = {}) {
    return testing::run(io, client.send(std::move(request)));
  }
  // What is said of a call that must not come about.
  Error error_of(const Address& address) {
    Client client(io, address, {.greeting = "/ping"});
    auto result = send(client, {.method = "POST"});
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
  }

  Authority authority;
  std::filesystem::path server_files = authority.issue("server", "IP:127.0.0.1");
  std::filesystem::path client_files = authority.issue("client");
  asio::io_context io;
};

TEST_F(TlsTransportTest, CallsGoOverOneConnectionThatWasTriedFirst) {
  TlsServer server(io, server_files);
  Client client(io, server.address(client_files), {.greeting = "/ping"});
  for (int i = 0; i < 3; ++i) {
    auto answer = send(client, {.target = "/x"});
    ASSERT_TRUE(answer) << answer.error().message << answer.error().details;
    EXPECT_EQ(answer->body, "hello");
  }
  EXPECT_EQ(server.connections, 1);
  ASSERT_EQ(server.heads.size(), 4u);
  EXPECT_TRUE(server.heads[0].starts_with("GET /ping HTTP/1.1\r\n"));
  EXPECT_TRUE(server.heads[1].starts_with("GET /x HTTP/1.1\r\n"));
}

TEST_F(TlsTransportTest, SpeaksTls12AndNothingOlder) {
  TlsServer older(io, server_files, TLS1_2_VERSION);
  Client client(io, older.address(client_files));
  EXPECT_TRUE(send(client));
  TlsServer ancient(io, server_files, TLS1_1_VERSION);
  EXPECT_EQ(error_of(ancient.address(client_files)).code, ErrorCode::kUnavailable);
}

TEST_F(TlsTransportTest, StreamsLineByLine) {
  TlsServer server(io, server_files);
  server.serve = [](std::shared_ptr<Stream> stream, std::string) -> Task<> {
    std::string text =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na\n\r\n2\r\nb\n\r\n0\r\n\r\n";
    co_await asio::async_write(*stream, asio::buffer(text), kTransportToken);
  };
  Client client(io, server.address(client_files));
  std::vector<std::string> lines;
  auto ended = testing::run(io, client.stream_lines(
                                    {.target = "/events"}, [] {},
                                    [&](auto line) {
                                      lines.emplace_back(line);
                                      return true;
                                    }));
  EXPECT_EQ(ended.error().message, "the server ended the stream");
  EXPECT_EQ(lines, (std::vector<std::string>{"a", "b"}));
}

Task<std::string> talk(Client& client) {
  ClientRequest request{.method = "POST", .target = "/exec"};
  auto upgraded = co_await client.upgrade(std::move(request), "tcp");
  if (!upgraded) co_return upgraded.error().message;
  Transport& line = *upgraded->connection;
  (void)co_await line.write("\r\n\r\n");
  std::string text = upgraded->first;
  char piece[64];
  for (;;) {
    auto [error, bytes] = co_await line.read_some(piece, sizeof piece);
    if (error) break;
    text.append(piece, bytes);
    if (text.ends_with("!")) line.close();
  }
  co_return text;
}

TEST_F(TlsTransportTest, AnUpgradedLineTalksBothWaysAndCloses) {
  TlsServer server(io, server_files);
  server.serve = [](std::shared_ptr<Stream> stream, std::string head) -> Task<> {
    std::string text = "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst ";
    if (head == "\r\n\r\n") text = "second!";
    co_await asio::async_write(*stream, asio::buffer(text), kTransportToken);
  };
  Client client(io, server.address(client_files));
  EXPECT_EQ(testing::run(io, talk(client)), "first second!");
}

TEST_F(TlsTransportTest, AServerOfAnotherAuthorityIsNotBelieved) {
  Authority other;
  TlsServer server(io, other.issue("server", "IP:127.0.0.1"));
  const Error error = error_of(server.address(client_files));
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_EQ(error.details, "its certificate is not signed by the authority in ca.pem");
  EXPECT_TRUE(server.heads.empty());
}

TEST_F(TlsTransportTest, AServerWithACertificateForAnotherHostIsNotBelieved) {
  for (const char* alternative : {"IP:127.0.0.2", "DNS:127.0.0.1", "DNS:localhost", ""}) {
    TlsServer server(io, authority.issue("other", alternative));
    EXPECT_EQ(error_of(server.address(client_files)).details,
              "its certificate is not made out to 127.0.0.1 (subjectAltName)");
    EXPECT_TRUE(server.heads.empty());
  }
  TlsServer server(io, authority.issue("named", "DNS:localhost"));
  Client client(io, server.address(client_files, "localhost"));
  EXPECT_TRUE(send(client));
}

TEST_F(TlsTransportTest, AnExpiredServerIsNotBelieved) {
  TlsServer server(io, authority.issue("old", "IP:127.0.0.1", -1h));
  EXPECT_EQ(error_of(server.address(client_files)).details,
            "its certificate does not hold: certificate has expired");
}

// With TLS 1.3 the client has finished by the time that it is refused.
TEST_F(TlsTransportTest, WhenOurCertificateIsRefusedNothingWasSent) {
  Authority other;
  const auto stranger = other.issue("stranger");
  std::filesystem::copy_file(client_files / "ca.pem", stranger / "ca.pem",
                             std::filesystem::copy_options::overwrite_existing);
  for (int newest : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsServer server(io, server_files, newest);
    const Error error = error_of(server.address(stranger));
    EXPECT_EQ(error.code, ErrorCode::kUnavailable);
    EXPECT_THAT(error.details, HasSubstr("our certificate " + stranger.string()));
    EXPECT_TRUE(server.heads.empty());
  }
}

// Its alert may be lost when it resets the connection.
TEST_F(TlsTransportTest, AnEndRightAfterTheHandshakeIsARefusalTooPerhaps) {
  TlsServer server(io, server_files);
  server.serve = [](std::shared_ptr<Stream> stream, std::string) -> Task<> {
    stream->next_layer().set_option(asio::socket_base::linger(true, 0));
    stream->next_layer().close();
    co_return;
  };
  const Error error = error_of(server.address(client_files));
  EXPECT_EQ(error.code, ErrorCode::kUnavailable);
  EXPECT_THAT(error.details,
              HasSubstr("when it had seen our certificate " + client_files.string()));
}

TEST_F(TlsTransportTest, SaysSoWhenTheOtherSideSpeaksNoTls) {
  for (const std::string answer : {"HTTP/1.1 400 Bad Request\r\n\r\n", ""}) {
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    tcp::socket socket(io);
    acceptor.async_accept(socket, [&](auto) {
      asio::write(socket, asio::buffer(answer));
      socket.shutdown(tcp::socket::shutdown_send);
    });
    const Error error = error_of({.host = "127.0.0.1",
                                  .port = acceptor.local_endpoint().port(),
                                  .certificates = client_files});
    EXPECT_EQ(error.code, ErrorCode::kUnavailable);
    EXPECT_THAT(error.details, HasSubstr("not speak TLS on this port"));
  }
}

TEST_F(TlsTransportTest, ASilentServerIsGivenUpAtTheDeadline) {
  tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  Client client(io, Address{.host = "127.0.0.1",
                            .port = acceptor.local_endpoint().port(),
                            .certificates = client_files});
  EXPECT_EQ(send(client, {.deadline = 50ms}).error().code, ErrorCode::kUnavailable);
}

TEST_F(TlsTransportTest, AKeyThatOthersMayReadIsNotUsed) {
  TlsServer server(io, server_files);
  using std::filesystem::perms;
  for (perms too_much : {perms::others_read, perms::others_write, perms::group_write}) {
    std::filesystem::permissions(client_files / "key.pem",
                                 perms::owner_read | perms::owner_write | too_much);
    EXPECT_THAT(error_of(server.address(client_files)).details,
                HasSubstr("others may read or change the key; chmod 0600"));
  }
  std::filesystem::permissions(client_files / "key.pem", perms::owner_read | perms::group_read);
  Client client(io, server.address(client_files));
  EXPECT_TRUE(send(client));
  EXPECT_EQ(server.connections, 1);
}

TEST_F(TlsTransportTest, NamesTheFileThatCannotBeUsed) {
  const Address address{.host = "127.0.0.1", .port = 1, .certificates = client_files};
  const auto stranger = authority.issue("stranger");
  std::filesystem::copy_file(stranger / "key.pem", client_files / "key.pem",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(error_of(address).details, HasSubstr("/client/key.pem: no key without a password"));
  for (const char* name : {"cert.pem", "ca.pem", "key.pem"}) {
    std::filesystem::remove(client_files / name);
    EXPECT_THAT(error_of(address).details, HasSubstr(std::string("/client/") + name + ": "));
  }
}

}  // namespace
}  // namespace berth::http
