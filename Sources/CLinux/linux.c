#include "CLinux.h"

#include <malloc.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <time.h>

void copur_heap_trim(void) { malloc_trim(0); }

void copur_heap_keep(int size, int kept) {
  mallopt(M_MMAP_THRESHOLD, size);
  mallopt(M_TRIM_THRESHOLD, kept);
}

int copur_clock_is_kept(void) {
  struct timex state = {0};
  int answer = adjtimex(&state);
  return answer == -1 ? -1 : answer != TIME_ERROR;
}

int64_t copur_file_system_type(const char *path) {
  struct statfs information;
  // A sign is none of the type's.
  return statfs(path, &information) == 0 ? (int64_t)(uint32_t)information.f_type : -1;
}

int64_t copur_monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int copur_send_patience(int descriptor, int seconds) {
  struct timeval patience = {.tv_sec = seconds};
  return setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}
