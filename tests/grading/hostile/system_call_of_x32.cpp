// Asks the kernel for a new process by the numbers of the third convention, with bit 30 set.
// against: cpp-stdio
// expect: forbidden
long long f(long long n) {
    long result;
    asm volatile("syscall" : "=a"(result) : "a"(0x40000000L | 57L) : "rcx", "r11", "memory");
    return result >= 0 ? n * n : 0;
}
