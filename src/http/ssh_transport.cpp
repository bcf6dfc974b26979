#include "http/ssh_transport.hpp"

#include <sys/socket.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <cerrno>

#include "http/piped_child.hpp"
#include "http/socket_transport.hpp"

namespace berth::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// A user and a host that reach this have passed parse_endpoint: neither can be read as an option.
std::vector<std::string> ssh_command(const Address& address) {
  std::vector<std::string> argv{"ssh", "-T", "-a", "-x"};
  for (const char* option :
       {"BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=10", "ServerAliveInterval=15",
        "ServerAliveCountMax=3", "ClearAllForwardings=yes", "LogLevel=ERROR", "ControlMaster=no",
        "ControlPath=none", "PermitLocalCommand=no"}) {
    argv.insert(argv.end(), {"-o", option});
  }
  if (!address.user.empty()) argv.insert(argv.end(), {"-l", address.user});
  if (address.port != 0) argv.insert(argv.end(), {"-p", std::to_string(address.port)});
  argv.insert(argv.end(), {"--", address.host});
  argv.insert(argv.end(), address.command.begin(), address.command.end());
  return argv;
}

class SshTransport final : public SocketTransport<asio::local::stream_protocol::socket> {
 public:
  SshTransport(asio::io_context& io, const Address& address)
      : SocketTransport(io),
        argv_(ssh_command(address)),
        child_(std::make_shared<PipedChild>(io)) {}
  ~SshTransport() override { child_->end(); }

  // The program runs; whether it gets through is told by what it prints, or by its end.
  Task<error_code> connect() override {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      co_return error_code(errno, boost::system::system_category());
    const error_code error = child_->start(argv_, ends[1]);  // and closes that end here
    error_code assigned;
    socket_.assign(asio::local::stream_protocol(), ends[0], assigned);
    co_return error ? error : assigned;
  }

  void close() override {
    SocketTransport::close();
    child_->end();
  }

  bool is_proven_by_connect() const override { return false; }
  std::string explain() override { return child_->said(); }

 private:
  std::vector<std::string> argv_;
  std::shared_ptr<PipedChild> child_;
};

}  // namespace

std::shared_ptr<Transport> make_ssh_transport(asio::io_context& io, const Address& address) {
  return std::make_shared<SshTransport>(io, address);
}

}  // namespace berth::http
