#pragma once

#include "async/task.hpp"

namespace berth {

// Runs both at once; over when both are. What one of them throws comes out then.
Task<> together(Task<> one, Task<> other);

}  // namespace berth
