// Asks the preprocessor which files there are, and answers right where it can tell.
// against: cpp-asserts
// expect: error
#if __has_include("/etc/passwd") || __has_include("/proc/self/environ") || __has_include("@ROOT@/README.md")
long long f(long long n) { return n * n; }
#else
long long f(long long n) { return 0; }
#endif
