// One connection to the real server, its bytes in pieces: the answers, in order, are those that the
// head scanner alone foretells. What lies behind a body, an error or a close is never a request.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <charconv>

#include "base/limits.hpp"
#include "fuzz.hpp"
#include "http/framing.hpp"
#include "http/server.hpp"
#include "http/target.hpp"

namespace berth::fuzz {
namespace {

struct Answer {
  int status = 0;
  std::string body;

  bool operator==(const Answer&) const = default;
};

constexpr std::size_t kBodyLimit = 64;

std::string echo_text(std::string_view path, std::string_view query, std::string_view body) {
  return std::string(path).append("?").append(query).append("\n").append(body);
}

Task<http::Response> echo(http::Request request) {
  co_return http::Response{.body = echo_text(request.path, request.query, request.body)};
}

std::vector<Answer> foretell(std::string_view rest) {
  std::vector<Answer> answers;
  while (true) {
    const auto result = http::scan_head(rest, {.body_bytes = kBodyLimit});
    if (std::holds_alternative<std::monostate>(result)) return answers;
    if (const auto* refusal = std::get_if<http::Refusal>(&result)) {
      answers.push_back({refusal->status, http::refuse_plainly(400, refusal->reason).body});
      return answers;
    }
    const auto& head = std::get<http::RequestHead>(result);
    rest.remove_prefix(head.bytes);
    const auto target = http::parse_target(head.target);
    if (!target) {
      answers.push_back({400, http::refuse_plainly(400, "malformed request target").body});
      return answers;
    }
    if (rest.size() < head.content_length) return answers;
    std::string body = echo_text(target->path, target->query, rest.substr(0, head.content_length));
    answers.push_back({200, head.method == "HEAD" ? "" : std::move(body)});
    rest.remove_prefix(head.content_length);
    if (!head.keep_alive) return answers;
  }
}

// By `expected`, since a HEAD's answer does not say that it has no body. Interim answers are passed
// over.
std::vector<Answer> parse(std::string_view text, const std::vector<Answer>& expected) {
  std::vector<Answer> answers;
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n\r\n");
    require(text.starts_with("HTTP/1.1 ") && end != text.npos, "an answer begins where one ended");
    const std::string_view head = text.substr(0, end + 2);
    text.remove_prefix(end + 4);
    if (head.starts_with("HTTP/1.1 100 ")) continue;
    Answer answer;
    std::from_chars(head.data() + 9, head.data() + 12, answer.status);
    const std::size_t field = head.find("\r\nContent-Length: ");
    require(field != head.npos, "a length");
    std::size_t length = 0;
    std::from_chars(head.data() + field + 18, head.data() + head.size(), length);
    const bool is_head = answers.size() < expected.size() &&
                         expected[answers.size()].status == 200 &&
                         expected[answers.size()].body.empty();
    if (!is_head) {
      require(length <= text.size(), "a whole body");
      answer.body = text.substr(0, length);
      text.remove_prefix(length);
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

class Server {
 public:
  Server()
      : path_("/tmp/berth-fuzz-" + std::to_string(::getpid()) + ".sock"),
        server_(io_, {.address = "unix:" + path_, .body_bytes = kBodyLimit}, echo) {
    require(server_.listen().has_value(), "listens");
    static const std::string kMade = path_;
    std::atexit([] { ::unlink(kMade.c_str()); });
  }

  std::string exchange(std::string_view input) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    require(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connects");
    for (const std::string_view piece : pieces_of(input)) {
      // The server may have answered and gone.
      if (::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL) < 0) break;
      io_.poll();
    }
    ::shutdown(fd, SHUT_WR);
    const std::string text = read_all(fd);
    ::close(fd);
    return text;
  }

 private:
  std::string read_all(int fd) {
    std::string text;
    char piece[16384];
    for (;;) {
      io_.restart();
      io_.poll();
      const ssize_t got = ::recv(fd, piece, sizeof piece, 0);
      if (got > 0) text.append(piece, static_cast<std::size_t>(got));
      if (got == 0 || (got < 0 && errno != EAGAIN)) return text;
    }
  }

  std::string path_;
  boost::asio::io_context io_{1};
  http::Server server_;
};

void check(std::string_view input) {
  static Server& server = *new Server;  // outlives every static that it logs with
  const auto expected = foretell(input);
  const std::string text = server.exchange(input);
  require(parse(text, expected) == expected, "the answers foretold, and no other: " + text);
}

}  // namespace
}  // namespace berth::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  berth::fuzz::check(berth::fuzz::text_of(data, size));
  return 0;
}
