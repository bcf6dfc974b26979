#include "demo/run_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/time_text.hpp"

namespace berth::demo {
namespace {

using std::chrono::milliseconds;

constexpr int kStepsPerEpoch = 20;  // and a line for the validation

// One line every so often, for ever.
struct Rhythm {
  milliseconds first;
  milliseconds every;
};

Rhythm rhythm_of(const Workload& work) {
  if (work.kind() == Kind::kTraining)
    return {milliseconds(8'000), work.epoch() / (kStepsPerEpoch + 1)};
  return {milliseconds(20'000), milliseconds(180'000)};
}

std::vector<std::string> greeting(const memory::Container& container, Kind kind) {
  if (kind == Kind::kMatlab)
    return {"session server on :8888, display on :6080", "engine ready, licence checked out"};
  std::vector<std::string> lines{"sshd on :22, JupyterLab on :8888, TensorBoard on :6006"};
  if (kind != Kind::kTraining) return lines;
  lines.push_back(fmt::format("device: {} | {} workers | {} GiB of memory",
                              container.spec.gpu_uuids.empty()
                                  ? std::string("cpu")
                                  : fmt::format("cuda x {}", container.spec.gpu_uuids.size()),
                              container.spec.cpu_cores, container.spec.memory_mb / 1024));
  lines.push_back("loading dataset ... 1281167 train, 50000 val");
  return lines;
}

// Losses fall as losses do: fast, then hardly.
std::string training_line(const Workload& work, std::int64_t line) {
  const std::int64_t epoch = line / (kStepsPerEpoch + 1);
  const std::int64_t step = line % (kStepsPerEpoch + 1);
  const double progress = static_cast<double>(line);
  const double floor = 0.21 + 0.3 * static_cast<double>(work.dice() % 64) / 64;
  const double wobble = std::sin(progress * 1.7) * 0.03;
  const double loss = floor + 2.1 * std::exp(-progress / 260) + wobble;
  const double accuracy = 0.93 - floor / 3 - 0.75 * std::exp(-progress / 310);
  if (step == kStepsPerEpoch) {
    return fmt::format("epoch {:>3} | val loss {:.4f} | val acc {:.3f} | saved runs/exp1/last.pt",
                       epoch + 1, loss + 0.05, accuracy);
  }
  return fmt::format("epoch {:>3} | step {:>4}/{} | loss {:.4f} | {:.0f} img/s", epoch + 1,
                     (step + 1) * 50, kStepsPerEpoch * 50, loss,
                     380 + static_cast<double>(work.dice() % 200) + 900 * wobble);
}

std::string notebook_line(const Workload& work, std::int64_t line) {
  static constexpr const char* kLines[] = {
      "[JupyterLab] Saving file at /workspace/notes.ipynb",
      "[JupyterLab] Kernel started: python3",
      "sshd: session opened for user root",
      "[JupyterLab] Saving file at /workspace/plots/figure-3.ipynb",
  };
  return kLines[(work.dice() + static_cast<std::uint64_t>(line)) % std::size(kLines)];
}

std::string line_of(const Workload& work, std::int64_t line) {
  if (work.kind() == Kind::kTraining) return training_line(work, line);
  if (work.kind() == Kind::kMatlab) return fmt::format("cell {} evaluated", line + 1);
  return notebook_line(work, line);
}

// Its last words, if this was its last run.
std::string farewell(const memory::Container& container) {
  if (container.oom_killed) return "Killed";
  if (container.exit_code == 1) return "RuntimeError: CUDA error: device-side assert triggered";
  return {};
}

}  // namespace

std::vector<EngineLogLine> run_log(const memory::Container& container, const memory::Run& run,
                                   WallTime now, std::size_t tail) {
  const Workload work(container);
  const Rhythm rhythm = rhythm_of(work);
  const auto length = run.length(now);
  std::vector<EngineLogLine> lines;
  const std::int64_t count = length < rhythm.first ? 0 : (length - rhythm.first) / rhythm.every + 1;
  const std::int64_t wanted = std::min(count, static_cast<std::int64_t>(tail));
  if (wanted == count) {
    for (std::string& text : greeting(container, work.kind()))
      lines.push_back({format_rfc3339(run.began), false, std::move(text)});
  }
  for (std::int64_t line = count - wanted; line < count; ++line) {
    lines.push_back({format_rfc3339(run.began + rhythm.first + line * rhythm.every), false,
                     line_of(work, line)});
  }
  if (run.ended && &run == &container.runs.back()) {
    if (auto words = farewell(container); !words.empty())
      lines.push_back({format_rfc3339(*run.ended), true, std::move(words)});
  }
  if (lines.size() > tail)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(tail));
  return lines;
}

}  // namespace berth::demo
