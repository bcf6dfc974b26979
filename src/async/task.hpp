#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"

namespace berth {

// Every coroutine of the house. Parameters by value; no mutex held across a co_await; each wait on
// the outside has a deadline.
template <class T = void>
using Task = boost::asio::awaitable<T>;

}  // namespace berth
