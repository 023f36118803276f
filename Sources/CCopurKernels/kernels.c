#include "product.h"

#include <stdlib.h>
#include <string.h>

void copur_panel_product(const float *a, long stride, long rows, const float *panels, long depth, long panel_count,
                         float *out) {
  left_factor left = {a, stride, 1, rows};
  right_factor right = {panels, COPUR_PANEL, depth * COPUR_PANEL, depth, panel_count};
  copur_factor_product(left, right, out, panel_count * COPUR_PANEL, 0);
}

void copur_gather(const float *matrix, long columns, const long *numbers, long count, float *out) {
  // Rows at random are in no cache: all are asked for before the first is waited for. A cache's line has 16 floats.
  for (long i = 0; i < count; i++)
    for (long column = 0; column < columns + 15; column += 16)
      __builtin_prefetch(matrix + numbers[i] * columns + (column < columns ? column : columns - 1));
  for (long i = 0; i < count; i++)
    memcpy(out + i * columns, matrix + numbers[i] * columns, (size_t)columns * sizeof(float));
}

typedef float four __attribute__((vector_size(16), aligned(4)));

/// out(c, r) = in(r, c) for four rows and columns.
INLINE void transpose_four(const float *in, long in_step, float *out, long out_step) {
  four a = *(const four *)in, b = *(const four *)(in + in_step);
  four c = *(const four *)(in + 2 * in_step), d = *(const four *)(in + 3 * in_step);
  four ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  four cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(four *)out = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  *(four *)(out + out_step) = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  *(four *)(out + 2 * out_step) = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  *(four *)(out + 3 * out_step) = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

/// The panels of the transpose of a row-major [columns, depth] whose rows are `step` apart.
static void transposed_panels(const float *b, long step, long depth, long columns, float *panels) {
  for (long first = 0; first < columns; first += COPUR_PANEL) {
    const float *rows = b + first * step;
    float *out = panels + first * depth;
    long width = columns - first < COPUR_PANEL ? columns - first : COPUR_PANEL, c = 0;
    for (; c + 4 <= width; c += 4) {
      long k = 0;
      for (; k + 4 <= depth; k += 4) transpose_four(rows + c * step + k, step, out + k * COPUR_PANEL + c, COPUR_PANEL);
      for (; k < depth; k++)
        for (int i = 0; i < 4; i++) out[k * COPUR_PANEL + c + i] = rows[(c + i) * step + k];
    }
    for (; c < COPUR_PANEL; c++)
      for (long k = 0; k < depth; k++) out[k * COPUR_PANEL + c] = c < width ? rows[c * step + k] : 0;
  }
}

/// The panels of a row-major [depth, columns] whose rows are `step` apart.
static void plain_panels(const float *b, long step, long depth, long columns, float *panels) {
  for (long first = 0; first < columns; first += COPUR_PANEL) {
    float *out = panels + first * depth;
    long width = columns - first < COPUR_PANEL ? columns - first : COPUR_PANEL;
    for (long k = 0; k < depth; k++) {
      const float *row = b + k * step + first;
      if (width == COPUR_PANEL) memcpy(out + k * COPUR_PANEL, row, COPUR_PANEL * sizeof(float));
      else
        for (long c = 0; c < COPUR_PANEL; c++) out[k * COPUR_PANEL + c] = c < width ? row[c] : 0;
    }
  }
}

/// The size of the block of the right factor that is copied into panels at a time, so that it stays in the second cache
/// while all rows of the left factor pass.
enum { BLOCK_DEPTH = 512, BLOCK_COLUMNS = 256 };

/// The product of some columns by way of panels: copying costs as much as a few rows of the product.
static void product_in_blocks(left_factor a, const float *b, int b_is_transposed, long b_step, long depth, long wanted,
                              float *out, long out_step, float *workspace) {
  float *last = workspace + BLOCK_DEPTH * BLOCK_COLUMNS;
  for (long first = 0; first < wanted; first += BLOCK_COLUMNS) {
    long columns = wanted - first < BLOCK_COLUMNS ? wanted - first : BLOCK_COLUMNS;
    long panels = columns / COPUR_PANEL, rest = columns % COPUR_PANEL, done = panels * COPUR_PANEL;
    // Also once where there is no depth: a sum of nothing is 0.
    long from = 0;
    do {
      long part = depth - from < BLOCK_DEPTH ? depth - from : BLOCK_DEPTH;
      if (b_is_transposed) transposed_panels(b + first * b_step + from, b_step, part, columns, workspace);
      else plain_panels(b + from * b_step + first, b_step, part, columns, workspace);
      left_factor left = {a.start + from * a.depth_step, a.row_step, a.depth_step, a.rows};
      right_factor right = {workspace, COPUR_PANEL, part * COPUR_PANEL, part, panels};
      copur_factor_product(left, right, out + first, out_step, from > 0);
      if (rest > 0) {
        right_factor narrow = {workspace + done * part, COPUR_PANEL, 0, part, 1};
        copur_factor_product(left, narrow, last, COPUR_PANEL, from > 0);
      }
      from += BLOCK_DEPTH;
    } while (from < depth);
    for (long r = 0; rest > 0 && r < a.rows; r++)
      memcpy(out + r * out_step + first + done, last + r * COPUR_PANEL, (size_t)rest * sizeof(float));
  }
}

long copur_product_workspace(long rows, long depth) {
  long direct = COPUR_PANEL * (rows + depth), blocks = BLOCK_DEPTH * BLOCK_COLUMNS + COPUR_PANEL * rows;
  return direct > blocks ? direct : blocks;
}

void copur_product(const float *a, int a_is_transposed, const float *b, int b_is_transposed, long rows, long depth,
                   long columns, copur_part part, float *out, float *workspace) {
  long row_step = a_is_transposed ? 1 : depth, wanted = part.last_column - part.first_column;
  left_factor left = {a + part.first_row * row_step, row_step, a_is_transposed ? rows : 1,
                      part.last_row - part.first_row};
  out += part.first_row * columns + part.first_column;
  int is_large = depth * wanted > BLOCK_DEPTH * BLOCK_COLUMNS && left.rows >= 32;
  if (b_is_transposed || is_large) {
    const float *start = b + part.first_column * (b_is_transposed ? depth : 1);
    product_in_blocks(left, start, b_is_transposed, b_is_transposed ? depth : columns, depth, wanted, out, columns,
                      workspace);
    return;
  }
  b += part.first_column;
  long panels = wanted / COPUR_PANEL, rest = wanted % COPUR_PANEL, done = panels * COPUR_PANEL;
  right_factor right = {b, columns, COPUR_PANEL, depth, panels};
  copur_factor_product(left, right, out, columns, 0);
  if (rest == 0) return;
  plain_panels(b + done, columns, depth, rest, workspace);
  right_factor narrow = {workspace, COPUR_PANEL, 0, depth, 1};
  float *last = workspace + depth * COPUR_PANEL;
  copur_factor_product(left, narrow, last, COPUR_PANEL, 0);
  for (long r = 0; r < left.rows; r++)
    memcpy(out + r * columns + done, last + r * COPUR_PANEL, (size_t)rest * sizeof(float));
}

enum { LANES = 8 };
typedef double lanes __attribute__((vector_size(LANES * sizeof(double))));
typedef double unaligned_lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(8)));
typedef float float_lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4)));

/// Eight floats as doubles.
#define WIDEN(x) __builtin_convertvector(*(const float_lanes *)(x), lanes)

/// The lanes' sum, in pairs.
#define REDUCE(sum) \
  ((((sum)[0] + (sum)[4]) + ((sum)[2] + (sum)[6])) + (((sum)[1] + (sum)[5]) + ((sum)[3] + (sum)[7])))

/// Sums over i < count in two times eight lanes and a tail: VECTOR is what is added for the eight elements from i on,
/// SCALAR for one.
#define SUM(VECTOR, SCALAR)                      \
  lanes even = {0}, odd = {0};                   \
  double tail = 0;                               \
  long i = 0;                                    \
  for (; i + 2 * LANES <= count; i += LANES) {   \
    { VECTOR(even) }                             \
    i += LANES;                                  \
    { VECTOR(odd) }                              \
  }                                              \
  if (i + LANES <= count) {                      \
    { VECTOR(even) }                             \
    i += LANES;                                  \
  }                                              \
  for (; i < count; i++) { SCALAR(tail) }        \
  lanes both = even + odd;                       \
  return REDUCE(both) + tail;

CLONES double copur_squared_distance(const float *a, const float *b, long count) {
#define VECTOR(sum) lanes difference = WIDEN(a + i) - WIDEN(b + i); sum += difference * difference;
#define SCALAR(sum) double difference = (double)a[i] - (double)b[i]; sum += difference * difference;
  SUM(VECTOR, SCALAR)
#undef VECTOR
#undef SCALAR
}

CLONES double copur_difference(float *difference, const float *a, const float *b, long count) {
#define VECTOR(sum)                                                                        \
  float_lanes values = *(const float_lanes *)(a + i) - *(const float_lanes *)(b + i);      \
  *(float_lanes *)(difference + i) = values;                                               \
  lanes wide = __builtin_convertvector(values, lanes);                                     \
  sum += wide * wide;
#define SCALAR(sum)            \
  float value = a[i] - b[i];   \
  difference[i] = value;       \
  sum += (double)value * (double)value;
  SUM(VECTOR, SCALAR)
#undef VECTOR
#undef SCALAR
}

CLONES double copur_dot(const float *a, const float *b, long count) {
#define VECTOR(sum) sum += WIDEN(a + i) * WIDEN(b + i);
#define SCALAR(sum) sum += (double)a[i] * (double)b[i];
  SUM(VECTOR, SCALAR)
#undef VECTOR
#undef SCALAR
}

INLINE double dot_double(const double *a, const double *b, long count) {
#define VECTOR(sum) sum += *(const unaligned_lanes *)(a + i) * *(const unaligned_lanes *)(b + i);
#define SCALAR(sum) sum += a[i] * b[i];
  SUM(VECTOR, SCALAR)
#undef VECTOR
#undef SCALAR
}

INLINE void add_double(double *y, double factor, const double *x, long count) {
  for (long i = 0; i < count; i++) y[i] += factor * x[i];
}

CLONES double copur_dot_double(const double *a, const double *b, long count) { return dot_double(a, b, count); }

CLONES void copur_add_double(double *y, double factor, const double *x, long count) { add_double(y, factor, x, count); }

CLONES double copur_affine_load(const float *values, const double *offset, const double *basis, long rank, long count,
                                double *centred, double *shares) {
  for (long i = 0; i < count; i++) centred[i] = (double)values[i] - offset[i];
  for (long row = 0; row < rank; row++) shares[row * COPUR_BLOCK_LANES] = dot_double(basis + row * count, centred, count);
  // In place: the rows of the basis are orthonormal, so the shares do not change on the way.
  for (long row = 0; row < rank; row++)
    add_double(centred, -shares[row * COPUR_BLOCK_LANES], basis + row * count, count);
  return dot_double(centred, centred, count);
}

CLONES void copur_profile_measures(const float *values, const float *centre, const double *axes, const float *scales,
                                   long rank, long count, double *workspace, double *measures) {
  double *offset = workspace, *rest = workspace + count;
  double norm = 0, within = 0;
  {
#pragma STDC FP_CONTRACT OFF
    for (long i = 0; i < count; i++) norm += (double)values[i] * (double)values[i];
  }
  for (long i = 0; i < count; i++) rest[i] = offset[i] = (double)values[i] - (double)centre[i];
  for (long row = 0; row < rank; row++) {
#pragma STDC FP_CONTRACT OFF
    double part = dot_double(offset, axes + row * count, count), share = part / (double)scales[row];
    add_double(rest, -part, axes + row * count, count);
    within += share * share;
  }
  measures[0] = norm;
  measures[1] = within;
  measures[2] = dot_double(rest, rest, count);
}

CLONES void copur_add(float *y, float factor, const float *x, long count) {
  for (long i = 0; i < count; i++) y[i] += factor * x[i];
}

CLONES void copur_scale(float *y, float factor, const float *x, long count) {
  for (long i = 0; i < count; i++) y[i] = factor * x[i];
}

CLONES void copur_rectify(float *y, float slope, const float *x, long count) {
  for (long i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

CLONES void copur_rectify_gradient(float *y, float slope, const float *x, const float *gradient, long count) {
  for (long i = 0; i < count; i++) y[i] = x[i] > 0 ? gradient[i] : slope * gradient[i];
}

// Neither sum is fused with its product, so that all machines give the same bits, those without FMA too.
CLONES void copur_adam(float *parameters, float *mean, float *square, const float *gradient, long count,
                       copur_adam_step step) {
#pragma clang fp contract(off)
  for (long i = 0; i < count; i++) {
    float slope = gradient[i];
    mean[i] = step.first_decay * mean[i] + (1 - step.first_decay) * slope;
    square[i] = step.second_decay * square[i] + (1 - step.second_decay) * slope * slope;
    float scale = __builtin_sqrtf(square[i] / step.second_correction) + step.epsilon;
    parameters[i] -= step.rate * (mean[i] / step.first_correction) / scale;
  }
}

// SplitMix64 of the seed and the element's number: elements are drawn in any order, so several at a time.
CLONES void copur_dropout(float *values, float *factors, long count, uint64_t seed, float rate) {
  uint64_t limit = (uint64_t)((double)rate * 4294967296.0);
  float kept = 1 / (1 - rate);
  for (long i = 0; i < count; i++) {
    uint64_t mixed = seed + (uint64_t)(i + 1) * 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    mixed = mixed ^ (mixed >> 31);
    factors[i] = (mixed >> 32) < limit ? 0 : kept;
    values[i] *= factors[i];
  }
}

CLONES void copur_momentum(float *parameters, float *velocity, const float *gradient, long count, float decay, float rate) {
#pragma clang fp contract(off)
  for (long i = 0; i < count; i++) {
    velocity[i] = decay * velocity[i] + gradient[i];
    parameters[i] -= rate * velocity[i];
  }
}

CLONES void copur_column_moments(const float *values, long rows, long columns, const float *center, double *sums,
                                 double *squares) {
  for (long r = 0; r < rows; r++)
    for (long c = 0; c < columns; c++) {
      double difference = (double)values[r * columns + c] - (double)center[c];
      sums[c] += difference;
      squares[c] += difference * difference;
    }
}

static int compare_keys(const void *a, const void *b) {
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return (left > right) - (left < right);
}

long copur_crossings(const float *x, const float *change, float limit, long count, uint64_t *keys) {
  long found = 0;
  for (long i = 0; i < count; i++) {
    float absolute = x[i] < 0 ? -x[i] : x[i];
    float speed = change[i] < 0 ? -change[i] : change[i];
    if (x[i] * change[i] >= 0 || absolute >= limit * speed) continue;
    float time = absolute / speed;
    uint32_t bits;
    memcpy(&bits, &time, sizeof bits);
    // Positive floats are ordered as their bits are.
    keys[found++] = (uint64_t)bits << 32 | (uint64_t)i;
  }
  if (found > 128) {
    qsort(keys, (size_t)found, sizeof *keys, compare_keys);
    return found;
  }
  for (long i = 1; i < found; i++) {
    uint64_t key = keys[i];
    long position = i;
    for (; position > 0 && keys[position - 1] > key; position--) keys[position] = keys[position - 1];
    keys[position] = key;
  }
  return found;
}
