#pragma once

#include <stdint.h>

/// The columns of a panel: a matrix is kept as panels of 16 columns, each panel row by row, the last one padded by zeros.
enum { COPUR_PANEL = 16 };

/// Whether the processor has AVX2 and FMA: 1 or 0.
int copur_has_fma(void);

/// The vector instructions that products use: "AVX-512", "AVX2" or "none".
const char *copur_instructions(void);

/// out = a·b for a row-major [rows, depth] with `stride` floats a row, and b in `panelCount` panels of `depth` rows.
///
/// Each element is summed over the depth in order, in one accumulator, whatever the number of rows: a row of the product
/// is the same, bit for bit, in any company, and on any processor with FMA. `out` has `panelCount` · 16 floats a row. b is aligned to 64 bytes.
void copur_panel_product(const float *a, long stride, long rows, const float *panels, long depth, long panelCount,
                         float *out);

/// out = op(a)·op(b), [rows, columns], row-major as both factors are; op transposes or does nothing. op(a) is [rows, depth] and
/// op(b) [depth, columns]. Each element is summed as by `copur_panel_product`. `workspace` has room for 16 · (rows + depth)
/// floats, and for depth · (columns + 15) + 16 · rows if b is transposed.
void copur_product(const float *a, int a_is_transposed, const float *b, int b_is_transposed, long rows, long depth,
                   long columns, float *out, float *workspace);

/// Σ (a_i − b_i)², summed in double precision.
double copur_squared_distance(const float *a, const float *b, long count);

/// difference ← a − b; returns Σ difference_i², summed in double precision.
double copur_difference(float *difference, const float *a, const float *b, long count);

/// Σ a_i·b_i, summed in double precision.
double copur_dot(const float *a, const float *b, long count);

/// Σ a_i·b_i in double precision.
double copur_dot_double(const double *a, const double *b, long count);

/// y ← y + factor·x in double precision.
void copur_add_double(double *y, double factor, const double *x, long count);

/// y ← y + factor·x.
void copur_add(float *y, float factor, const float *x, long count);

/// y ← factor·x.
void copur_scale(float *y, float factor, const float *x, long count);

/// y ← x where x > 0, slope·x elsewhere.
void copur_rectify(float *y, float slope, const float *x, long count);

/// y ← gradient where x > 0, slope·gradient elsewhere.
void copur_rectify_gradient(float *y, float slope, const float *x, const float *gradient, long count);

/// What is the same for all parameters in a step of Adam.
typedef struct {
  float rate, first_decay, second_decay, first_correction, second_correction, epsilon;
} copur_adam_step;

/// A step of Adam (Kingma and Ba 2015, Algorithm 1) on parameters and their two moments.
void copur_adam(float *parameters, float *mean, float *square, const float *gradient, long count,
                copur_adam_step step);

/// Draws for each element what it is multiplied by, 0 with a probability of `rate` and else 1/(1 − rate), by its number and the
/// seed alone, and multiplies by it.
void copur_dropout(float *values, float *factors, long count, uint64_t seed, float rate);

/// Finds the elements of x + t·change that cross 0 at some t in (0, limit), and writes t's bits · 2³² + the element's index
/// for each, in ascending order; returns how many there are. `keys` has room for `count`.
long copur_crossings(const float *x, const float *change, float limit, long count, uint64_t *keys);
