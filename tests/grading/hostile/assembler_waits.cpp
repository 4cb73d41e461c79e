// Has the assembler read from the pipe that it is fed by, and from its other descriptors.
// against: cpp-asserts
// expect: failed
asm(".include \"/proc/self/fd/0\"\n .incbin \"/proc/self/fd/1\"\n");
long long f(long long n) { return 0; }
