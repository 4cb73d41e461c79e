// Ignores every signal, the processor time's among them, and loops.
// against: cpp-asserts
// expect: time_limit
#include <csignal>
long long f(long long n) {
    for (int number = 1; number < 65; ++number) signal(number, SIG_IGN);
    volatile long long count = 0;
    while (true) count = count + 1;
}
