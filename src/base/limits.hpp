#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// Every bound of the house in one place. A setting may lower one, never lift it.
namespace berth::limits {

using namespace std::chrono_literals;

// HTTP requests
inline constexpr std::size_t kHeaderBytes = 16 * 1024;
inline constexpr std::size_t kHeaderFields = 64;
inline constexpr std::size_t kTargetBytes = 4 * 1024;
inline constexpr std::size_t kBodyBytes = 64 * 1024;
inline constexpr std::size_t kCookieBytes = 8 * 1024;
inline constexpr std::size_t kCookies = 64;
inline constexpr std::size_t kConnections = 10'000;
inline constexpr auto kHeaderDeadline = 10s;
inline constexpr auto kBodyDeadline = 30s;
inline constexpr auto kWriteDeadline = 30s;
inline constexpr auto kIdleDeadline = 75s;
inline constexpr auto kDrainDeadline = 10s;
inline constexpr auto kLingerDeadline = 2s;  // for the client to take our last answer and close
inline constexpr std::size_t kLingerBytes = 1024 * 1024;
inline constexpr std::size_t kStreamPieces =
    1'024;  // of one answer without an end, not yet taken by its reader
inline constexpr std::size_t kStreamBytes = 256 * 1024;
inline constexpr auto kStreamHeartbeat = 15s;
inline constexpr auto kAcceptPause = 100ms;  // out of file descriptors or memory

// WebSockets
inline constexpr std::size_t kWebSocketMessageBytes = 64 * 1024;
inline constexpr auto kWebSocketHandshake = 10s;  // to open one, and to close one
inline constexpr auto kWebSocketIdle = 60s;       // without a byte; half-way there is a ping

// Terminals
inline constexpr std::size_t kTerminalsPerUser = 8;
inline constexpr std::size_t kTerminals = 256;
inline constexpr std::size_t kTerminalReadBytes = 16 * 1024;
inline constexpr int kTerminalSide = 1'000;  // columns or rows
inline constexpr auto kTerminalPoll = 50ms;  // whether its process has begun, or ended

// JSON
inline constexpr std::size_t kJsonDepth = 16;

// Engine answers
inline constexpr std::size_t kEngineHeaderBytes = 64 * 1024;
inline constexpr std::size_t kEngineBodyBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kEngineLineBytes = 1024 * 1024;
inline constexpr std::size_t kEngineConnections = 32;
inline constexpr std::size_t kEngineMessageBytes =
    2 * 1024;  // of the engine's own words that are passed on
inline constexpr std::size_t kEngineJsonDepth = 32;
inline constexpr auto kEngineIdle = 60s;  // a pooled connection; dockerd closes after 300 s
inline constexpr auto kEngineConnect = 5s;
inline constexpr auto kSshConnect = 15s;           // a log-in, and a program that starts there
inline constexpr std::size_t kSshConnections = 8;  // sshd begins to refuse log-ins at ten at once
inline constexpr auto kEngineQueue = 300s;         // for one's turn to start
inline constexpr auto kEngineRead = 10s;           // inspect, list, info
inline constexpr auto kEngineCreate = 30s;
inline constexpr auto kEngineStart = 60s;
inline constexpr auto kEngineStopGrace = 10s;
inline constexpr auto kEngineCommit = 600s;

// People
inline constexpr std::size_t kUserNameLength = 32;
inline constexpr std::size_t kEmailLength = 254;
inline constexpr std::size_t kPasswordBytes = 256;
inline constexpr std::size_t kNameCharacters = 64;
inline constexpr std::size_t kSessionsPerUser = 100;
inline constexpr std::size_t kApiTokensPerUser = 50;
inline constexpr int kApiTokenDays = 365;
inline constexpr std::size_t kContainersPerUser = 1'000;
inline constexpr std::size_t kImagesPerUser = 1'000;
inline constexpr std::size_t kUsers = 100'000;
inline constexpr std::size_t kDevices = 10'000;
inline constexpr std::size_t kOtherDevices = 32;  // in the settings, beside this machine
inline constexpr std::size_t kContainers = 1'000'000;
inline constexpr std::size_t kImages = 1'000'000;
inline constexpr std::size_t kMatlabSlots = 100;

// What reads gave, kept until something is written
inline constexpr std::size_t kRememberedLogins = 10'000;
inline constexpr std::size_t kRememberedAnswers = 256;

// Sizes one may ask for; the device's own capacity is checked by the ledger.
inline constexpr std::int64_t kCpuCores = 4'096;
inline constexpr std::int64_t kMemoryMin = 64;                // MiB
inline constexpr std::int64_t kMemoryMax = 64 * 1024 * 1024;  // MiB
inline constexpr std::size_t kGpusPerContainer = 64;

// The driver
inline constexpr int kDriverSteps = 40;  // of one settling; more is a bug or an engine gone mad
inline constexpr int kPortTries = 3;
inline constexpr auto kEngineBusy = 10s;  // "removal in progress" and the like
inline constexpr auto kReconcileEvery = 30s;
inline constexpr int kReconcileAtOnce = 8;  // containers of a device
inline constexpr std::size_t kReconcileDevicesAtOnce = 8;
inline constexpr auto kReconcileTurn = 20s;  // for a device's turn to come

// Lists of /api/v1
inline constexpr std::int64_t kPage = 1'000;
inline constexpr std::int64_t kLargestId =
    9'007'199'254'740'991;  // what a browser's numbers hold exactly
inline constexpr std::size_t kStreamsPerUser =
    16;  // of events; the oldest ends when there is one more

// Operations
inline constexpr std::size_t kOperations =
    2'000;  // remembered; those that run count, but are never forgotten
inline constexpr std::size_t kOperationsAtOnce = 50;  // of one person
inline constexpr auto kOperationsKept = 1h;           // after their end
inline constexpr auto kReachable = 30s;               // for ssh, Jupyter and TensorBoard to answer
inline constexpr auto kReachablePoll = 250ms;

// Probes of a service in a container
inline constexpr auto kProbe = 2s;
inline constexpr std::size_t kProbeBytes = 4 * 1024;

}  // namespace berth::limits
