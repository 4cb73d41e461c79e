// Ends with each status that means something to the runner.
// against: cpp-asserts
// expect: error
#include <unistd.h>
long long f(long long n) {
    if (n == 2) return 4;
    const int statuses[] = {0, 4, 5, 6, 77, 78};
    _exit(statuses[n % 6]);
}
