// random.c — xoshiro256++ seeded by SplitMix64 or by the kernel.
//
// Algorithms as published: https://prng.di.unimi.it. Arithmetic wraps on purpose.
#include "nt/random.h"

#include <stddef.h>
#include <sys/random.h>

#include "nt/status.h"

static uint64_t rotate_left(uint64_t value, unsigned count) {
    return (value << count) | (value >> (64u - count));
}

static uint64_t split_mix(uint64_t *state) {
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = *state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

nt_random nt_random_seeded(uint64_t seed) {
    nt_random random;
    for (size_t i = 0; i < 4; i++) random.state[i] = split_mix(&seed);
    return random;
}

nt_random nt_random_system(void) {
    uint64_t seed;
    // Requests of up to 256 bytes are never cut short once the pool is ready.
    NT_ASSERT(getrandom(&seed, sizeof seed, 0) == (ssize_t)sizeof seed);
    return nt_random_seeded(seed);
}

uint64_t nt_random_next(nt_random *random) {
    uint64_t *s = random->state;
    const uint64_t result = rotate_left(s[0] + s[3], 23) + s[0];
    const uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t nt_random_below(nt_random *random, uint64_t bound) {
    NT_ASSERT(bound > 0);
    // Values under 2^64 mod bound would make the first remainders likelier: drawn again.
    const uint64_t biased = (0 - bound) % bound;
    uint64_t value;
    do {
        value = nt_random_next(random);
    } while (value < biased);
    return value % bound;
}
