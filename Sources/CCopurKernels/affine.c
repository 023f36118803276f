#include "product.h"

enum { LANES = COPUR_BLOCK_LANES };
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));

// Whether a product and a sum are rounded once or twice changes the last bit: here they are rounded twice, on any machine.

/// The first of some numbers of eight blocks.
#define AT(numbers, tile, count) ((numbers) + (tile) * (count) * LANES)
#define LOAD(numbers, index) (*(const lanes *)((numbers) + (index) * LANES))
#define STORE(numbers, index) (*(lanes *)((numbers) + (index) * LANES))

/// The sum of a number and of the first lanes, one after the other.
INLINE double added(double sum, const lanes *values, long count) {
#pragma STDC FP_CONTRACT OFF
  if (count >= LANES) {
    for (long lane = 0; lane < LANES; lane++) sum += (*values)[lane];
  } else {
    for (long lane = 0; lane < count; lane++) sum += (*values)[lane];
  }
  return sum;
}

CLONES void copur_affine_norms(const double *squares, double smoothing, long blocks, double *norms) {
#pragma STDC FP_CONTRACT OFF
  double square = smoothing * smoothing;
  for (long first = 0; first < blocks; first += LANES)
    STORE(norms + first, 0) = __builtin_elementwise_sqrt(LOAD(squares + first, 0) + square);
}

CLONES void copur_affine_measure(const copur_affine_blocks *blocks, const double *code, double smoothing,
                                 copur_affine_residuals out) {
#pragma STDC FP_CONTRACT OFF
  long size = blocks->size, rank = blocks->rank;
  double smoothed = smoothing * smoothing;
  for (long first = 0, tile = 0; first < blocks->count; first += LANES, tile++) {
    const double *matrix = AT(blocks->matrix, tile, rank * size), *target = AT(blocks->target, tile, rank);
    double *residual = AT(out.residual, tile, rank);
    lanes square = LOAD(blocks->rests + first, 0);
    for (long row = 0; row < rank; row++) {
      lanes value = LOAD(target, row);
      for (long index = 0; index < size; index++) value -= LOAD(matrix, row * size + index) * code[index];
      STORE(residual, row) = value;
      square += value * value;
    }
    STORE(out.squares + first, 0) = square;
    STORE(out.norms + first, 0) = __builtin_elementwise_sqrt(square + smoothed);
  }
}

CLONES void copur_affine_change(const copur_affine_blocks *blocks, const double *step, copur_affine_residuals before,
                                copur_affine_residuals after, double *sum, double *size_of_sum) {
#pragma STDC FP_CONTRACT OFF
  long size = blocks->size, rank = blocks->rank;
  double change = 0, absolute = 0;
  for (long first = 0, tile = 0; first < blocks->count; first += LANES, tile++) {
    const double *matrix = AT(blocks->matrix, tile, rank * size);
    const double *old = AT(before.residual, tile, rank), *new = AT(after.residual, tile, rank);
    lanes difference = {0};
    for (long row = 0; row < rank; row++) {
      lanes moved = {0};
      for (long index = 0; index < size; index++) moved += LOAD(matrix, row * size + index) * step[index];
      difference -= moved * (LOAD(old, row) + LOAD(new, row));
    }
    lanes part = difference / (LOAD(before.norms + first, 0) + LOAD(after.norms + first, 0));
    change = added(change, &part, blocks->count - first);
    lanes magnitude = __builtin_elementwise_abs(part);
    absolute = added(absolute, &magnitude, blocks->count - first);
  }
  *sum = change;
  *size_of_sum = absolute;
}

CLONES double copur_affine_normal(const copur_affine_blocks *blocks, copur_affine_residuals at, int is_newton,
                                  double *normal, double *step, double *workspace) {
#pragma STDC FP_CONTRACT OFF
  long size = blocks->size, rank = blocks->rank;
  double total = 0;
  for (long a = 0; a < size; a++) {
    step[a] = 0;
    for (long b = 0; b <= a; b++) normal[a * size + b] = 0;
  }
  for (long first = 0, tile = 0; first < blocks->count; first += LANES, tile++) {
    long left = blocks->count - first;
    const double *matrix = AT(blocks->matrix, tile, rank * size), *residual = AT(at.residual, tile, rank);
    const double *gram = AT(blocks->grams, tile, size * (size + 1) / 2);
    lanes weight = 1 / LOAD(at.norms + first, 0);
    lanes cube = is_newton ? weight * weight * weight : (lanes){0};
    total = added(total, &weight, left);
    for (long a = 0; a < size; a++) {
      lanes slope = {0};
      for (long row = 0; row < rank; row++) slope += LOAD(matrix, row * size + a) * LOAD(residual, row);
      STORE(workspace, a) = slope;
      lanes part = weight * slope, factor = cube * slope;
      step[a] = added(step[a], &part, left);
      // The lower triangle is all that a factorisation reads.
      for (long b = 0; b <= a; b++, gram += LANES) {
        lanes term = weight * LOAD(gram, 0) - factor * LOAD(workspace, b);
        normal[a * size + b] = added(normal[a * size + b], &term, left);
      }
    }
  }
  return total;
}
