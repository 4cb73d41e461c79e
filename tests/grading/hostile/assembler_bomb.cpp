// One line that the assembler repeats 2^40 times.
// against: cpp-stdio
// expect: error
asm(".rept 1099511627776\n .quad 1\n .endr\n");
long long f(long long n) { return n * n; }
