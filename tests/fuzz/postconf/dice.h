/*
 * dice.h: numbers that look random and are the same again for the same seed.
 */
#ifndef FUZZ_DICE_H
#define FUZZ_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
	uint64_t state;
};

/* splitmix64 */
static inline uint64_t dice_next(struct dice *dice)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* Below `below`, which is at least 1. */
static inline size_t dice_pick(struct dice *dice, size_t below)
{
	return (size_t)(dice_next(dice) >> 11) % below;
}

static inline bool dice_once_in(struct dice *dice, size_t times)
{
	return dice_pick(dice, times) == 0;
}

/* The dice of one file of a run. */
static inline struct dice dice_for(uint64_t seed, uint64_t file)
{
	struct dice dice = {seed};

	dice.state = dice_next(&dice) ^ (file * 0xd1342543de82ef95u);
	(void)dice_next(&dice);
	return dice;
}

#endif
