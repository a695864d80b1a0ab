// Takes ahead of time what the kernel would make a worker wait for later.
//
// Thread: main(), before there is another one, unless something else is said.
#pragma once

#include <cstddef>

namespace foorumi::app {

// Linux doubles a process' table of descriptors when it is full, and then waits for a grace period of RCU where there
// is more than one thread (expand_files() in fs/file.c): 4 to 12 ms measured within accept4(). This makes it long
// enough for so many, or for as many as the process may have (RLIMIT_NOFILE) where that is less. 8 bytes each, in the
// kernel. Returns for how many it is long enough then.
std::size_t make_room_for_descriptors(std::size_t count);

// A heap that grows takes the lock of the address space, and waits for who maps memory meanwhile: to map the memory of
// a password's hash takes 5 to 12 ms. So the first thread's heap grows by 4 MiB at once, and what is free at the end of
// a heap goes back to the system from 8 MiB on.
void grow_heap_by_much();

// glibc makes the heap of any other thread usable page by page, up to 64 MiB (grow_heap() in malloc/arena.c). This
// makes most of that usable, for the thread that calls it. Address space costs nothing until it is used.
void make_room_on_the_heap();

}  // namespace foorumi::app
