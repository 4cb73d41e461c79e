// Takes the place of the C library's function that calls main().
// against: cpp-asserts
// expect: error
extern "C" void _exit(int);
extern "C" int __libc_start_main(void*, int, char**, void*, void*, void*, void*) {
    _exit(0);
    return 0;
}
long long f(long long n) { return 0; }
