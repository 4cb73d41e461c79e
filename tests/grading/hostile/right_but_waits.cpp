// Has the preprocessor read what it writes to: with a pipe there, the compiler would wait for itself for ever.
// against: cpp-stdio
// expect: passed
#include "/proc/self/fd/1"
long long f(long long n) { return n * n; }
