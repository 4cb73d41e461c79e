// Includes itself without end.
// against: cpp-asserts
// expect: error
#include __FILE__
long long f(long long n) { return n * n; }
