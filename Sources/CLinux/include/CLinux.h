// Calls of Linux and glibc that Swift's own modules lack or whose types they lay out differently from build to build: all
// in numbers, so that a file that imports this module sees no structure of C a second time.
#pragma once
#include <stdint.h>

/// Gives memory that was freed back to the system (malloc_trim(3)).
void copur_heap_trim(void);

/// Has memory that was freed kept for the next use (mallopt(3)): blocks up to `size` bytes, of which at most `kept` in all.
void copur_heap_keep(int size, int kept);

/// Whether somebody keeps this machine's clock right (adjtimex(2)): 1, 0, or -1 where the system does not say.
int copur_clock_is_kept(void);

/// The type of the file system that a path lies in (statfs(2), linux/magic.h); -1 if there is no such path.
int64_t copur_file_system_type(const char *path);

/// The clock that every process of this machine shares, in nanoseconds since its start (CLOCK_MONOTONIC).
int64_t copur_monotonic_nanoseconds(void);

/// Gives up sending on a socket after so many seconds; 0, or -1 and errno.
int copur_send_patience(int descriptor, int seconds);
