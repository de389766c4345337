// For LD_PRELOAD: writes to one file that kill, fail or wait, from a chosen one on.
// SPDX-License-Identifier: GPL-3.0-or-later
//
// FAIL_FILE  end of the path of the file
// FAIL_AT    number of the write that fails, from 1; all are counted if it is 0
// FAIL_HOW   kill: the process dies before the write; tear: in the middle of it; hold: it stops
//            before the write until it gets SIGCONT; else an errno that this write and all later
//            ones give
// FAIL_AFTER file; writes are not counted before it is made, or changed, while the process runs
// FAIL_COUNT file that gets a byte for each write
// FAIL_HOLD  with the number of Slurm's restarts behind it, or 0, is a file; each process that
//            holds writes its number into it, in a line; none holds without it
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static _Atomic long writes_seen;

static struct stat after_at_start;

__attribute__((constructor)) static void look_at_start(void) {
  const char* after = getenv("FAIL_AFTER");
  if (after == NULL || stat(after, &after_at_start) != 0)
    memset(&after_at_start, 0, sizeof after_at_start);
}

static int has_begun(void) {
  const char* after = getenv("FAIL_AFTER");
  struct stat now;
  return after == NULL ||
         (stat(after, &now) == 0 && (now.st_ino != after_at_start.st_ino ||
                                     now.st_mtim.tv_sec != after_at_start.st_mtim.tv_sec ||
                                     now.st_mtim.tv_nsec != after_at_start.st_mtim.tv_nsec));
}

static int is_meant(int fd) {
  const char* wanted = getenv("FAIL_FILE");
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path);
  if (wanted == NULL || length < (ssize_t)strlen(wanted))
    return 0;
  return memcmp(path + length - strlen(wanted), wanted, strlen(wanted)) == 0;
}

static ssize_t true_write(int fd, const void* bytes, size_t size, off_t where) {
  return where < 0 ? syscall(SYS_write, fd, bytes, size)
                   : syscall(SYS_pwrite64, fd, bytes, size, where);
}

static void hold(void) {
  const char* list = getenv("FAIL_HOLD");
  const char* restarts = getenv("SLURM_RESTART_COUNT");
  char path[4096], line[32];
  snprintf(path, sizeof path, "%s%s", list != NULL ? list : "", restarts != NULL ? restarts : "0");
  const int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0)
    return;
  const int length = snprintf(line, sizeof line, "%d\n", (int)getpid());
  syscall(SYS_write, file, line, length);
  close(file);
  kill(getpid(), SIGSTOP);
}

// 0 if the write shall go on, else -1 with errno.
static int fail(int fd, const struct iovec* parts, int count, off_t where) {
  if (!is_meant(fd))
    return 0;
  if (!has_begun())
    return 0;
  const char* log = getenv("FAIL_COUNT");
  if (log != NULL) {
    const int file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    syscall(SYS_write, file, "w", 1);
    close(file);
  }
  const long number = ++writes_seen;
  const char* at = getenv("FAIL_AT");
  const char* how = getenv("FAIL_HOW");
  const long wanted = at != NULL ? atol(at) : 0;
  if (wanted == 0 || how == NULL || number < wanted)
    return 0;
  if (strcmp(how, "tear") == 0) {
    size_t left = 0;
    for (int i = 0; i < count; ++i)
      left += parts[i].iov_len;
    left /= 2;
    for (int i = 0; i < count && left > 0; ++i) {
      const size_t size = parts[i].iov_len < left ? parts[i].iov_len : left;
      true_write(fd, parts[i].iov_base, size, where);
      where += where < 0 ? 0 : (off_t)size;
      left -= size;
    }
    kill(getpid(), SIGKILL);
  }
  if (strcmp(how, "kill") == 0)
    kill(getpid(), SIGKILL);
  if (strcmp(how, "hold") == 0) {
    if (number == wanted)
      hold();
    return 0;
  }
  errno = atoi(how);
  return -1;
}

static int fail_one(int fd, const void* bytes, size_t size, off_t where) {
  const struct iovec part = {(void*)bytes, size};
  return fail(fd, &part, 1, where);
}

ssize_t write(int fd, const void* bytes, size_t size) {
  return fail_one(fd, bytes, size, -1) != 0 ? -1 : true_write(fd, bytes, size, -1);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t where) {
  return fail_one(fd, bytes, size, where) != 0 ? -1 : true_write(fd, bytes, size, where);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off_t where) {
  return pwrite(fd, bytes, size, where);
}

ssize_t writev(int fd, const struct iovec* parts, int count) {
  return fail(fd, parts, count, -1) != 0 ? -1 : syscall(SYS_writev, fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec* parts, int count, off_t where) {
  return fail(fd, parts, count, where) != 0
             ? -1
             : syscall(SYS_pwritev, fd, parts, count, (long)where, (long)0);
}

ssize_t pwritev64(int fd, const struct iovec* parts, int count, off_t where) {
  return pwritev(fd, parts, count, where);
}

// Changes of the length count as writes too.
int ftruncate(int fd, off_t length) {
  return fail(fd, NULL, 0, -1) != 0 ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int ftruncate64(int fd, off_t length) {
  return ftruncate(fd, length);
}
