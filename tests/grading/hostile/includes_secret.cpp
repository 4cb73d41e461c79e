// Has the preprocessor read a file as code, whose errors would quote it.
// against: cpp-asserts
// expect: error
#include "/etc/passwd"
long long f(long long n) { return n * n; }
