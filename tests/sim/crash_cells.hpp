#pragma once

namespace berth::sim {

// Every operation, killed at every boundary of a store write or an engine call, before it and after
// it with the answer lost; and with `pairs` once more at every boundary of the recovery. After
// each: everything must come to rest, and be in agreement. Prints what was covered. False when
// something was not, or came out wrong.
bool run_crash_cells(bool pairs, int jobs);

}  // namespace berth::sim
