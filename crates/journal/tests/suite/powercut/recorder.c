/* Notes every write, sync and change of a folder below TENURE_RECORD_DIR in the file TENURE_RECORD_LOG, in their order.
 *
 * Preloaded below the program that is recorded. One lock is held over each call and its note, so the order of the notes
 * is the order of the calls. A note: kind u8, path length u16, second length u32, offset u64, path, data or second path.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int log_fd = -1;
static const char *dir;
static size_t dir_len;

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

static void ready(void) {
    if (log_fd >= 0) return;
    dir = getenv("TENURE_RECORD_DIR");
    const char *log = getenv("TENURE_RECORD_LOG");
    if (!dir || !log) abort();
    dir_len = strlen(dir);
    log_fd = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) abort();
}

static void put(const void *data, size_t len) {
    const char *at = data;
    while (len > 0) {
        ssize_t done = REAL(write)(log_fd, at, len);
        if (done <= 0) abort();
        at += done;
        len -= done;
    }
}

/* Returns the path inside of the folder, or nothing when it lies elsewhere. */
static const char *inside(const char *path) {
    if (!path || strncmp(path, dir, dir_len) != 0) return NULL;
    if (path[dir_len] == 0) return "";
    return path[dir_len] == '/' ? path + dir_len + 1 : NULL;
}

static const char *inside_fd(int fd, char *buffer, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, buffer, size - 1);
    if (len < 0) return NULL;
    buffer[len] = 0;
    return inside(buffer);
}

static void note(char kind, const char *path, uint64_t offset, const void *second, uint32_t second_len) {
    uint16_t path_len = strlen(path);
    put(&kind, 1);
    put(&path_len, 2);
    put(&second_len, 4);
    put(&offset, 8);
    put(path, path_len);
    put(second, second_len);
}

#define ENTER char buffer[4096]; int saved; pthread_mutex_lock(&lock); ready()
#define LEAVE(result) saved = errno; pthread_mutex_unlock(&lock); errno = saved; return result

static int opened(int (*real)(const char *, int, ...), const char *path, int flags, mode_t mode) {
    pthread_mutex_lock(&lock);
    ready();
    const char *name = inside(path);
    int fresh = name && (flags & O_CREAT) && access(path, F_OK) != 0;
    int fd = real(path, flags, mode);
    int saved = errno;
    if (fd >= 0 && name) {
        if (fresh) note('c', name, 0, "", 0);
        else if (flags & O_TRUNC) note('t', name, 0, "", 0);
    }
    pthread_mutex_unlock(&lock);
    errno = saved;
    return fd;
}

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return opened(REAL(open), path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    return opened(REAL(open64), path, flags, mode);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset) {
    ENTER;
    ssize_t done = REAL(pwrite)(fd, data, len, offset);
    const char *name = done > 0 ? inside_fd(fd, buffer, sizeof buffer) : NULL;
    if (name) note('w', name, offset, data, done);
    LEAVE(done);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset) {
    return pwrite(fd, data, len, offset);
}

ssize_t write(int fd, const void *data, size_t len) {
    ENTER;
    const char *name = inside_fd(fd, buffer, sizeof buffer);
    off_t at = name ? lseek(fd, 0, SEEK_CUR) : 0;
    ssize_t done = REAL(write)(fd, data, len);
    if (name && done > 0) note('w', name, at, data, done);
    LEAVE(done);
}

int ftruncate(int fd, off_t len) {
    ENTER;
    int done = REAL(ftruncate)(fd, len);
    const char *name = done == 0 ? inside_fd(fd, buffer, sizeof buffer) : NULL;
    if (name) note('t', name, len, "", 0);
    LEAVE(done);
}

int ftruncate64(int fd, off64_t len) {
    return ftruncate(fd, len);
}

int fsync(int fd) {
    ENTER;
    int done = REAL(fsync)(fd);
    const char *name = done == 0 ? inside_fd(fd, buffer, sizeof buffer) : NULL;
    if (name) note('s', name, 0, "", 0);
    LEAVE(done);
}

/* Apart from fsync, so that a test can leave it out and see what that costs. */
int fdatasync(int fd) {
    ENTER;
    int done = REAL(fdatasync)(fd);
    const char *name = done == 0 ? inside_fd(fd, buffer, sizeof buffer) : NULL;
    if (name) note('d', name, 0, "", 0);
    LEAVE(done);
}

int rename(const char *from, const char *to) {
    ENTER;
    (void)buffer;
    int done = REAL(rename)(from, to);
    const char *a = inside(from), *b = inside(to);
    if (done == 0 && a && b) note('r', a, 0, b, strlen(b));
    LEAVE(done);
}

int unlink(const char *path) {
    ENTER;
    (void)buffer;
    int done = REAL(unlink)(path);
    const char *name = inside(path);
    if (done == 0 && name) note('u', name, 0, "", 0);
    LEAVE(done);
}

int mkdir(const char *path, mode_t mode) {
    ENTER;
    (void)buffer;
    int done = REAL(mkdir)(path, mode);
    const char *name = inside(path);
    if (done == 0 && name) note('m', name, 0, "", 0);
    LEAVE(done);
}
