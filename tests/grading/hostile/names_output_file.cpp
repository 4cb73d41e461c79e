// Has the compiler write beside its output: a dependency, a precompiled header, a library's path.
// against: cpp-stdio
// expect: error
#pragma GCC dependency "/etc/passwd"
#pragma GCC pch_preprocess "/tmp/left_behind.gch"
asm(".section .interp,\"a\"\n .string \"/tmp/left_behind_loader\"\n .text\n");
long long f(long long n) { return 0; }
