#include "demo/demo_engine.hpp"

#include <string_view>

namespace berth::demo {
namespace {

using std::chrono::milliseconds;

struct Length {
  std::string_view call;
  milliseconds shortest;
  milliseconds longest;
};

// What people wait for. All else is told at once.
constexpr Length kLengths[] = {
    {"create", milliseconds(500), milliseconds(1'200)},
    {"start", milliseconds(500), milliseconds(1'000)},
    {"stop", milliseconds(600), milliseconds(1'800)},
    {"restart", milliseconds(1'200), milliseconds(2'500)},
    {"remove", milliseconds(200), milliseconds(600)},
    {"commit", milliseconds(1'500), milliseconds(4'000)},
};

}  // namespace

DemoEngine::DemoEngine(LabTime& time, memory::MachineOptions options)
    : MemoryEngine(time, time, options), time_(time), random_(options.seed) {}

milliseconds DemoEngine::draw_length(const Call& call) {
  for (const Length& length : kLengths) {
    if (length.call != call.name) continue;
    const auto room = static_cast<std::uint64_t>((length.longest - length.shortest).count());
    return length.shortest + milliseconds(random_() % room);
  }
  return milliseconds(0);
}

Task<Result<>> DemoEngine::conduct(Call call, std::function<Result<>()> work) {
  if (is_down()) co_return std::unexpected(unavailable());
  const milliseconds length = time_.runs() ? draw_length(call) : milliseconds(0);
  if (length.count() > 0) {
    if (call.begin) call.begin();
    co_await time_.sleep(length);
    if (is_down()) co_return std::unexpected(unknown());
  }
  co_return work();
}

}  // namespace berth::demo
