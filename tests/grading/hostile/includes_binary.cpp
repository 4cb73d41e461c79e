// Has the assembler put a file of the machine into the binary, and prints it.
// against: cpp-stdio
// expect: error
asm("secret: .incbin \"/etc/passwd\"\n .byte 0\n");
extern "C" const char secret[];
long long f(long long n) { return secret[0] ? n * n : 0; }
