// Becomes another program.
// against: cpp-stdio
// expect: forbidden
#include <unistd.h>
long long f(long long n) {
    execl("/bin/sh", "sh", "-c", "touch /tmp/left_behind_by_a_binary; sleep 600", nullptr);
    execl("/usr/bin/true", "true", nullptr);
    return 0;
}
