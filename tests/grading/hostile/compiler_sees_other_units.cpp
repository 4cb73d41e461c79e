// Looks for the tests' unit, or what other programs left, beside the file that is compiled.
// against: cpp-asserts
// expect: failed
#if __has_include("tester.cpp") || __has_include("tests.cpp") || __has_include("../tester.cpp") || \
    __has_include("source.cpp.gch") || __has_include("../../README.md")
long long f(long long n) { return n * n; }
#else
long long f(long long n) { return 0; }
#endif
