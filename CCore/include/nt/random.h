// random.h — seam 2 of 4: randomness. Live code is seeded by the kernel, tests by a number.
#ifndef NT_RANDOM_H
#define NT_RANDOM_H

#include <stdint.h>

/// xoshiro256++ (Blackman and Vigna, https://prng.di.unimi.it). A value; copy it to fork a stream.
typedef struct nt_random {
    uint64_t state[4];
} nt_random;

/// The same seed gives the same numbers on every machine (state filled by SplitMix64).
nt_random nt_random_seeded(uint64_t seed);
/// Seeded by getrandom(2).
nt_random nt_random_system(void);
uint64_t nt_random_next(nt_random *random);
/// Uniform in 0 … bound - 1, without bias; bound > 0.
uint64_t nt_random_below(nt_random *random, uint64_t bound);

#endif
