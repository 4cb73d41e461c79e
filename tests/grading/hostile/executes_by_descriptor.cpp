// Becomes another program by the call that the sandbox itself needs to start this one.
// against: cpp-stdio
// expect: failed
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
long long f(long long n) {
    for (const char* path : {"/bin/true", "/bin/sh", "/usr/bin/touch"}) {
        const int descriptor = open(path, O_RDONLY);
        const char* arguments[] = {path, "/tmp/left_behind_by_a_binary", nullptr};
        const char* environment[] = {nullptr};
        syscall(SYS_execveat, descriptor, "", arguments, environment, 0x1000);
    }
    return 0;
}
