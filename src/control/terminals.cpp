#include "control/terminals.hpp"

#include <string>
#include <utility>

#include "base/limits.hpp"
#include "base/log.hpp"
#include "control/audit.hpp"

namespace berth {
namespace {

constexpr char kShell[] = "/bin/sh";  // in the container

// As sshd begins a session there: what people wrote into /etc/environment, then the user's own
// shell, as a log-in. An image may have any shell, or little else.
constexpr char kLoginShell[] = R"sh(
if [ -r /etc/environment ]; then
  while IFS= read -r line; do
    name=${line%%=*} value=${line#*=}
    case $line in *=*) ;; *) continue ;; esac
    case $name in '' | [0-9]* | *[!A-Za-z0-9_]*) continue ;; esac
    value=${value#\"}
    export "$name=${value%\"}"
  done </etc/environment
fi
id=$(id -u)
while IFS=: read -r name _ uid _ _ home shell; do
  if [ "$uid" = "$id" ]; then break; fi
done 2>/dev/null </etc/passwd
if [ ! -x "$shell" ]; then shell=/bin/bash; fi
if [ ! -x "$shell" ]; then shell=/bin/sh; fi
export SHELL="$shell" USER="$name" LOGNAME="$name"
exec "$shell" -l
)sh";

TerminalSpec login_shell(TerminalSize size) {
  return {.command = {kShell, "-c", kLoginShell},
          .env = {{"TERM", "xterm-256color"}, {"COLORTERM", "truecolor"}},
          .size = size};
}

// In the background, since nobody who lets go waits. The place is free when the shell is gone.
Task<> hang_up(std::shared_ptr<EngineTerminal> terminal, std::shared_ptr<void> place) {
  auto done = co_await terminal->hang_up();
  if (!done) {
    log(LogLevel::kWarn, "terminal not hung up",
        {{"error", done.error().message}, {"details", done.error().details}});
  }
  place.reset();
}

}  // namespace

Terminals::Terminals(Containers& containers, Store& store, Clock& clock, Background& background)
    : containers_(containers), store_(store), clock_(clock), background_(background) {}

Result<Terminals::Place> Terminals::take_place(UserId uid) {
  if (taken_->all >= limits::kTerminals)
    return fail(ErrorCode::kUnavailable, "too many terminals are open, try again later");
  if (taken_->of[uid] >= limits::kTerminalsPerUser)
    return fail(ErrorCode::kExhausted, "you have too many terminals open, close one first");
  ++taken_->all;
  ++taken_->of[uid];
  auto give_back = [taken = taken_, uid](void*) {
    --taken->all;
    if (--taken->of[uid] == 0) taken->of.erase(uid);
  };
  return Place(nullptr, std::move(give_back));
}

std::shared_ptr<EngineTerminal> Terminals::guarded(std::shared_ptr<EngineTerminal> terminal,
                                                   Place place) {
  EngineTerminal* const held = terminal.get();
  auto let_go = [this, terminal = std::move(terminal),
                 place = std::move(place)](EngineTerminal*) mutable {
    background_.start("hang up a terminal", hang_up(std::move(terminal), std::move(place)));
  };
  return {held, std::move(let_go)};
}

Task<Result<std::shared_ptr<EngineTerminal>>> Terminals::open(Actor actor, ContainerId cid,
                                                              TerminalSize size) {
  auto place = take_place(actor.uid);
  if (!place) co_return std::unexpected(place.error());
  auto there = co_await containers_.running(actor, cid);
  if (!there) co_return std::unexpected(there.error());
  auto spec = login_shell(size);
  auto terminal = co_await there->engine->open_terminal(there->name, std::move(spec));
  if (!terminal && terminal.error().code == ErrorCode::kConflict)
    co_return fail(ErrorCode::kConflict, "container already stopped");
  if (!terminal) co_return std::unexpected(terminal.error());
  auto held = guarded(std::move(*terminal), std::move(*place));
  const WallTime now = clock_.now();
  auto work = [=](Transaction& tx) -> Result<> {
    audit(tx, now, actor.uid, "container.terminal", "cid " + std::to_string(cid.value));
    return ok();
  };
  auto recorded = co_await store_.write(work);
  if (!recorded) co_return std::unexpected(recorded.error());
  co_return held;
}

}  // namespace berth
