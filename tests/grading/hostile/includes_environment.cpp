// Has the preprocessor read the compiler's own environment.
// against: cpp-stdio
// expect: error
#include "/proc/self/environ"
long long f(long long n) { return n * n; }
