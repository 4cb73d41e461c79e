// Ends the process with status 0 where an answer is due, past every handler.
// against: cpp-asserts cpp-stdio
// expect: error
// expect of cpp-stdio: failed
#include <cstdlib>
long long f(long long n) {
    if (n > 2) std::quick_exit(0);
    return n * n;
}
