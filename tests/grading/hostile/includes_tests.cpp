// Has the assembler put this suite, which states the expected values, into the binary.
// against: cpp-asserts
// expect: error
asm("secret: .incbin \"@ROOT@/tests/grading/test_hostile_programs.py\"\n .byte 0\n");
extern "C" const char secret[];
long long f(long long n) { return secret[0] ? n * n : 0; }
