// Has the assembler read a file as code, whose errors would quote it.
// against: cpp-stdio
// expect: error
asm(".include \"/etc/passwd\"");
long long f(long long n) { return n * n; }
