// Kills every process that it may send signals to.
// against: cpp-asserts
// expect: forbidden
#include <csignal>
#include <unistd.h>
long long f(long long n) {
    kill(-1, SIGKILL);
    kill(getppid(), SIGKILL);
    return n * n;
}
