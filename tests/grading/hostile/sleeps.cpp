// Sleeps: uses no processor time.
// against: cpp-stdio
// expect: wall_limit
#include <unistd.h>
long long f(long long n) {
    while (true) sleep(1000);
}
