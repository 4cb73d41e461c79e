// Declares more memory than the machine has, as a variable that takes no room in the binary.
// against: cpp-stdio
// expect: error
static volatile char room[1L << 40];
long long f(long long n) { return room[n << 30]; }
