// Has the preprocessor read a file that never ends, and one that never begins.
// against: cpp-asserts
// expect: error
#include "/dev/zero"
#include "/dev/stdin"
long long f(long long n) { return n * n; }
