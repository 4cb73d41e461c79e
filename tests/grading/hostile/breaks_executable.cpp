// Spoils the name of the loader in its binary, so that the kernel refuses to execute it, as if the sandbox had failed.
// against: cpp-asserts cpp-stdio
// expect: error
asm(".section .interp, \"a\", @progbits\n .ascii \"x\"\n .text\n");
long long f(long long n) { return n * n; }
