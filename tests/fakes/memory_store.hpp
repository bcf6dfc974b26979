#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "store/sql/sql_store.hpp"

namespace berth::testing {

// A real database that goes with the test.
inline std::unique_ptr<Store> open_memory_store(boost::asio::io_context& io) {
  return std::move(open_sqlite(io, {.path = ":memory:", .inline_writes = true}).value());
}

}  // namespace berth::testing
