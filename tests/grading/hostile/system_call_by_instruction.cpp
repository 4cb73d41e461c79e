// Asks the kernel for a new process past the C library, in the 64-bit way.
// against: cpp-asserts
// expect: forbidden
long long f(long long n) {
    long result;
    asm volatile("syscall" : "=a"(result) : "a"(57L) : "rcx", "r11", "memory");
    return result >= 0 ? n * n : 0;
}
