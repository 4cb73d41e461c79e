// Declares data that would make a binary of 64 GiB.
// against: cpp-stdio
// expect: error
long long data[1L << 33] = {1};
long long f(long long n) { return data[n]; }
