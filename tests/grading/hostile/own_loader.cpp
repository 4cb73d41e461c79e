// Asks the loader for libraries of its own, by constructors and indirect functions that run before everything.
// against: cpp-stdio
// expect: failed
#include <unistd.h>
extern "C" {
static void early() { _exit(0); }
__attribute__((section(".preinit_array"), used)) static void (*const first)() = early;
}
long long f(long long n) { return n * n; }
