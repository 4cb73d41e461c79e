// Asks the kernel for a new process by the numbers of another architecture, where fork is 2.
// against: cpp-stdio
// expect: forbidden
long long f(long long n) {
    long result;
    asm volatile("int $0x80" : "=a"(result) : "a"(2L) : "memory");
    return result >= 0 ? n * n : 0;
}
