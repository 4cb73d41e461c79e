// Has the assembler put the binary that was compiled before, perhaps that of the tests, into its own, and searches it.
// against: cpp-asserts
// expect: error
#include <cstring>
asm("previous: .incbin \"program\"\nprevious_end: .byte 0\n");
extern "C" const char previous[], previous_end[];
long long f(long long n) {
    for (const char* at = previous; at + 8 <= previous_end; ++at) {
        long long value;
        std::memcpy(&value, at, sizeof value);
        // 1524155677489, written so that the program does not find itself.
        if (value / 3 == 508051892496 && value % 3 == 1) return n * n;
    }
    return 0;
}
