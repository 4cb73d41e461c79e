// Changes the meaning of the words of the language for what follows.
// against: cpp-asserts
// expect: error
long long f(long long n) { return 0; }
#define while if
#define catch for
#define return
#define try
#define answer(...) next()
