// Ends the process with status 0 before main(), as a static object is made.
// against: cpp-asserts cpp-stdio
// expect: error
// expect of cpp-stdio: failed
#include <unistd.h>

static const struct Ends {
    Ends() { _exit(0); }
} ends;

long long f(long long n) { return 0; }
