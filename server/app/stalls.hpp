// Takes ahead of time what the kernel would make a worker wait for later.
//
// Thread: main(), before there is another one.
#pragma once

#include <cstddef>

namespace foorumi::app {

// Linux doubles a process' table of descriptors when it is full, and then waits for a grace period of RCU where there
// is more than one thread (expand_files() in fs/file.c): 4 to 12 ms measured within accept4(). This makes it long
// enough for so many, or for as many as the process may have (RLIMIT_NOFILE) where that is less. 8 bytes each, in the
// kernel. Returns for how many it is long enough then.
std::size_t make_room_for_descriptors(std::size_t count);

// A heap that grows by little takes the lock of the address space each time, and waits for who maps memory meanwhile:
// to map the memory of a password's hash takes 5 to 12 ms. Address space costs nothing until it is used.
void grow_heaps_by_much();

}  // namespace foorumi::app
