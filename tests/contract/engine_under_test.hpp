#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>

#include "engine/engine.hpp"

namespace berth::testing {

// One engine for the contract suite, with the hands of somebody else at its machine.
class EngineUnderTest {
 public:
  virtual ~EngineUnderTest() = default;

  virtual Engine& engine() = 0;
  // An image whose process runs until it is told to end.
  virtual std::string image() = 0;
  virtual void kill(const std::string& container) = 0;
  virtual void pause(const std::string& container) = 0;
  virtual bool has_file(const std::string& container, const std::string& path) = 0;
  virtual void take_port(int port) = 0;  // until the end of the test
  // How many run in it, as the engine counts them.
  virtual std::size_t processes(const std::string& container) = 0;
  // The engine's own JSON about a container; none in memory.
  virtual std::optional<std::string> raw_inspect(const std::string& container) = 0;
};

std::unique_ptr<EngineUnderTest> make_fake_under_test();

// A real one at $BERTH_DOCKER_HOST or /var/run/docker.sock; null with the reason when there is none
// to be had.
std::unique_ptr<EngineUnderTest> make_docker_under_test(boost::asio::io_context& io,
                                                        std::string& why_not);

}  // namespace berth::testing
