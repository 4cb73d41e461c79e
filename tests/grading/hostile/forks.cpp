// Two processes answer where one was asked, by the C library and by an instruction of its own.
// against: cpp-stdio
// expect: forbidden
#include <unistd.h>
long long f(long long n) {
    if (fork() == 0) {
        setsid();
        sleep(600);
    }
    return n * n;
}
