// For LD_PRELOAD: says when MPI is started, finalised and aborted, and is a library that cannot be
// taken down. SPDX-License-Identifier: GPL-3.0-or-later
//
// TAKEN_DOWN_LOG    file that gets a line for each call: "started", "finalized"; "aborted-unheard" if
//                   something in the pipe of standard error is unread, else "aborted"
// TAKEN_DOWN_FAULT  crash in finalize, abort in finalize: as if a thread of MPI had no code any
// more;
//                   abort at exit: in this library's destructor; abort at start: in its constructor
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void note(const char* line) {
  const char* log = getenv("TAKEN_DOWN_LOG");
  const int file = log != NULL ? open(log, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
  if (file < 0)
    return;
  const ssize_t written = write(file, line, strlen(line));
  (void)written;
  close(file);
}

static int is_nuloop(void) {
  char path[4096];
  const ssize_t length = readlink("/proc/self/exe", path, sizeof path);
  return length >= 7 && memcmp(path + length - 7, "/nuloop", 7) == 0;
}

static int is_wanted(const char* fault) {
  const char* wanted = getenv("TAKEN_DOWN_FAULT");
  return wanted != NULL && strcmp(wanted, fault) == 0 && is_nuloop();
}

__attribute__((constructor)) static void begin(void) {
  if (is_wanted("abort at start"))
    abort();
}

__attribute__((destructor)) static void end(void) {
  if (is_wanted("abort at exit"))
    abort();
}

int MPI_Init_thread(int* argc, char*** argv, int required, int* provided) {
  int (*const next)(int*, char***, int, int*) = dlsym(RTLD_NEXT, "MPI_Init_thread");
  note("started\n");
  return next(argc, argv, required, provided);
}

int MPI_Finalize(void) {
  int (*const next)(void) = dlsym(RTLD_NEXT, "MPI_Finalize");
  const int status = next();
  note("finalized\n");
  if (is_wanted("crash in finalize"))
    raise(SIGSEGV);
  if (is_wanted("abort in finalize"))
    abort();
  return status;
}

int MPI_Abort(void* communicator, int status) {
  int (*const next)(void*, int) = dlsym(RTLD_NEXT, "MPI_Abort");
  int unread = 0;
  ioctl(STDERR_FILENO, FIONREAD, &unread);
  note(unread > 0 ? "aborted-unheard\n" : "aborted\n");
  return next(communicator, status);
}
