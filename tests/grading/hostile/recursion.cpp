// Runs off the end of the stack.
// against: cpp-asserts
// expect: error
long long f(long long n) { return f(n + 1) + 1; }
