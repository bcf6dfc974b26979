#pragma once

#include <chrono>
#include <cstddef>

// What bounds each queue, message, wait and answer of the bridge.
namespace bridge::limits {

inline constexpr std::size_t kMessageBytes = 1 << 20;  // one message from a client
inline constexpr std::size_t kIdBytes = 256;           // its "id", as JSON
inline constexpr std::size_t kWaitingCommands = 64;    // behind the running one
inline constexpr std::size_t kOutputBytes = 4 << 20;   // of one command, stdout and stderr each
inline constexpr std::size_t kFigureBytes = 16 << 20;  // of one command, all PNGs together
inline constexpr std::size_t kFigures = 16;            // of one command
inline constexpr std::size_t kUnsentBytes = 64 << 20;  // for one client; a slower one is cut off
inline constexpr std::size_t kUnsentLiveBytes = 1
                                                << 20;  // above it live text is left to the answer
inline constexpr std::size_t kControlBytes =
    64 << 20;                                    // one line of the interpreter's control channel
inline constexpr std::size_t kConnections = 64;  // per port
inline constexpr std::size_t kRequestHeaderBytes = 16 << 10;
inline constexpr std::chrono::seconds kRequestTime{30};  // to receive a request, to send an answer
inline constexpr std::chrono::milliseconds kFirstSettleDelay{100};
inline constexpr std::chrono::milliseconds kLongestSettleDelay{5'000};
inline constexpr int kSettleTries = 200;
inline constexpr int kSettleTriesOfASignal = 3;  // then it is sent again, after 0.6 s
inline constexpr std::chrono::milliseconds kFirstRestartDelay{300};
inline constexpr std::chrono::milliseconds kLongestRestartDelay{10'000};

}  // namespace bridge::limits
