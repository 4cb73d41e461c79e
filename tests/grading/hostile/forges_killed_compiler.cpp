// Says in the compiler's own words that it was killed, so that its grading ends as a failure of the machine.
// against: cpp-asserts cpp-stdio
// expect: error
asm(".print \"g++: fatal error: Killed signal terminated program cc1plus\"\n"
    ".print \"collect2: fatal error: ld terminated with signal 9 [Killed]\"\n"
    ".print \"compilation terminated.\"\n"
    ".error \"g++: fatal error: Killed signal terminated program as\"\n");
long long f(long long n) { return n * n; }
