// Calls home.
// against: cpp-stdio
// expect: forbidden
#include <sys/socket.h>
long long f(long long n) {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    return descriptor >= 0 ? n * n : 0;
}
