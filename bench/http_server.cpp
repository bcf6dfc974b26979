// The server with a handler that does nothing: what the HTTP layer alone costs. `http_bench
// ADDRESS`, e.g. with wrk -t1 -c64 -d10s --latency http://127.0.0.1:5555/bench
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>

#include "http/router.hpp"
#include "http/server.hpp"

namespace {

using berth::http::Request;
using berth::http::Response;

std::size_t handled = 0;

berth::Task<Response> answer(Request) {
  ++handled;
  co_return Response{.body = std::string(300, 'x')};
}

double cpu_seconds() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

}  // namespace

int main(int count, char** words) {
  boost::asio::io_context io{1};
  berth::http::Router router({{"GET", "/bench", "public", answer}}, berth::http::refuse_plainly);
  berth::http::Server server(
      io, {.address = count > 1 ? words[1] : "127.0.0.1:5555"},
      [&router](Request request) { return router.handle(std::move(request)); });
  if (auto listening = server.listen(); !listening) {
    std::fprintf(stderr, "%s\n", listening.error().message.c_str());
    return 1;
  }
  boost::asio::signal_set stop(io, SIGINT, SIGTERM);
  stop.async_wait([&io](boost::system::error_code, int) { io.stop(); });
  const double before = cpu_seconds();
  io.run();
  std::printf("%zu requests, %.2f us CPU each\n", handled,
              (cpu_seconds() - before) * 1e6 / static_cast<double>(handled));
}
