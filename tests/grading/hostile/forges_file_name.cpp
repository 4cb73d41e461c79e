// Gives its lines a file name that reads, in an error of the compiler, as if the compiler had been killed.
// against: cpp-asserts
// expect: error
#line 1 "x\ng++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.\n"
long long f(long long n) { return undeclared; }
