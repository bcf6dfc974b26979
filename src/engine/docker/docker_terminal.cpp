#include "engine/docker/docker_terminal.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>
#include <utility>

#include "base/limits.hpp"
#include "engine/arguments.hpp"
#include "engine/docker/answers.hpp"
#include "engine/docker/docker_engine.hpp"
#include "engine/docker/spec.hpp"
#include "engine/docker/target.hpp"
#include "engine/docker/verdict.hpp"
#include "http/transport.hpp"

namespace berth::docker {
namespace {

using http::ClientRequest;
using std::chrono::steady_clock;

ClientRequest request_of(std::string method, const Target& target, std::string body = {}) {
  ClientRequest request{.method = std::move(method), .target = target.text()};
  request.deadline = limits::kEngineRead;
  request.body = std::move(body);
  if (!request.body.empty()) request.content_type = "application/json";
  return request;
}

// Of what has ended, or was never there, an engine knows nothing more.
bool is_gone(int status) { return status == 404 || status == 409; }

Task<> pause() {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, limits::kTerminalPoll);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

Task<Result<ExecSeen>> look(const DockerTerminal::Call& call, const std::string& id) {
  auto wanted = request_of("GET", Target("/exec").part(id).path("/json"));
  wanted.repeatable = true;
  auto response = co_await call(std::move(wanted));
  if (!response) co_return std::unexpected(response.error());
  if (response->status != 200)
    co_return std::unexpected(refusal(*response, "show the terminal", Subject::kNone));
  co_return parse_exec(response->body);
}

Task<Result<>> end_process(DockerTerminal::Call call, DockerTerminal::Exec exec) {
  auto seen = co_await look(call, exec.id);
  if (seen && !seen->is_running) co_return ok();
  auto create = request_of("POST", Target("/containers").part(exec.container).path("/exec"),
                           hang_up_body(exec.mark));
  auto created = co_await call(std::move(create));
  if (!created) co_return std::unexpected(created.error());
  if (is_gone(created->status)) co_return ok();
  if (created->status != 201)
    co_return std::unexpected(refusal(*created, "hang the terminal up", Subject::kContainer));
  auto id = parse_created(created->body);
  if (!id) co_return std::unexpected(id.error());
  auto start = request_of("POST", Target("/exec").part(*id).path("/start"), R"({"Detach":true})");
  auto started = co_await call(std::move(start));
  if (!started) co_return std::unexpected(started.error());
  if (started->status == 200 || is_gone(started->status)) co_return ok();
  co_return std::unexpected(refusal(*started, "hang the terminal up", Subject::kContainer));
}

// Only has to differ from that of every other terminal in the container.
std::string random_mark() {
  std::random_device random;
  return std::to_string(random()) + '-' + std::to_string(random());
}

}  // namespace

Task<Result<std::shared_ptr<EngineTerminal>>> DockerEngine::open_terminal(std::string container,
                                                                          TerminalSpec spec) {
  if (auto checked = check_terminal(container, spec); !checked)
    co_return std::unexpected(checked.error());
  DockerTerminal::Exec exec{.container = container, .mark = random_mark()};
  auto create = request_of("POST", Target("/containers").part(container).path("/exec"),
                           terminal_body(spec, exec.mark));
  auto created = co_await call(std::move(create));
  if (!created) co_return std::unexpected(created.error());
  if (created->status != 201)
    co_return std::unexpected(refusal(*created, "open a terminal", Subject::kContainer));
  auto id = parse_created(created->body);
  if (!id) co_return std::unexpected(id.error());
  exec.id = *id;
  // The version is agreed on by now.
  auto start =
      request_of("POST", Target("/v" + to_string(*api_) + "/exec").part(*id).path("/start"),
                 R"({"Detach":false,"Tty":true})");
  DockerTerminal::Call caller = [this](ClientRequest next) { return call(std::move(next)); };
  auto line = co_await client_.upgrade(std::move(start), "tcp");
  if (!line) {
    Error error = line.error();
    if (error.code == ErrorCode::kUnknown) (void)co_await end_process(caller, exec);
    if (error.code == ErrorCode::kInternal) error.code = ErrorCode::kUnknown;
    if (error.code == ErrorCode::kRefused) error.details = parse_message(error.details);
    co_return std::unexpected(std::move(error));
  }
  auto terminal =
      std::make_shared<DockerTerminal>(std::move(caller), std::move(exec), std::move(*line));
  auto begun = co_await terminal->begin(spec.size);
  if (begun) co_return terminal;
  (void)co_await terminal->hang_up();
  co_return std::unexpected(begun.error());
}

DockerTerminal::DockerTerminal(Call call, Exec exec, http::Upgraded line)
    : call_(std::move(call)), exec_(std::move(exec)), line_(std::move(line)) {}

// The engine changes the protocol first and then makes the process; until then it has no tty to
// resize, and says so in ways that differ between versions. One that has ended already is fine too:
// whoever reads learns why.
Task<Result<>> DockerTerminal::begin(TerminalSize size) {
  const auto until = steady_clock::now() + limits::kEngineRead;
  for (;;) {
    auto sized = co_await resize(size);
    if (sized || sized.error().code != ErrorCode::kRefused) co_return sized;
    auto seen = co_await look(call_, exec_.id);
    if (seen && !seen->is_running && seen->exit_code) co_return ok();
    if (steady_clock::now() >= until) co_return sized;
    co_await pause();
  }
}

Task<std::string> DockerTerminal::read() {
  if (!line_.first.empty()) co_return std::exchange(line_.first, {});
  std::string piece(limits::kTerminalReadBytes, '\0');
  const auto [error, bytes] = co_await line_.connection->read_some(piece.data(), piece.size());
  piece.resize(error ? 0 : bytes);
  co_return piece;
}

Task<bool> DockerTerminal::write(std::string bytes) {
  const auto [error, sent] = co_await line_.connection->write(bytes);
  co_return !error;
}

Task<Result<>> DockerTerminal::resize(TerminalSize size) {
  if (auto checked = check_size(size); !checked) co_return checked;
  auto target = Target("/exec").part(exec_.id).path("/resize");
  target.query("h", std::to_string(size.rows)).query("w", std::to_string(size.columns));
  auto wanted = request_of("POST", target);
  auto response = co_await call_(std::move(wanted));
  if (!response) co_return std::unexpected(response.error());
  if (response->status >= 200 && response->status < 300) co_return ok();
  auto error = refusal(*response, "resize the terminal", Subject::kNone);
  error.code = ErrorCode::kRefused;
  co_return std::unexpected(std::move(error));
}

// The end of its output may come a moment before the engine knows of its end.
Task<Result<int>> DockerTerminal::exit_code() {
  const auto until = steady_clock::now() + limits::kEngineRead;
  while (!is_closed_) {
    auto seen = co_await look(call_, exec_.id);
    if (!seen) co_return std::unexpected(seen.error());
    if (!seen->is_running && seen->exit_code) co_return *seen->exit_code;
    if (steady_clock::now() >= until) break;
    co_await pause();
  }
  co_return fail(ErrorCode::kConflict, "the terminal's process has not ended");
}

void DockerTerminal::close() {
  is_closed_ = true;
  line_.connection->close();
}

Task<Result<>> DockerTerminal::hang_up() {
  close();
  if (std::exchange(is_hung_up_, true)) co_return ok();
  co_return co_await end_process(call_, exec_);
}

}  // namespace berth::docker
