#include "CCopurKernels.h"

#include <stdlib.h>
#include <string.h>

typedef float panel __attribute__((vector_size(64), aligned(4)));

#define INLINE static inline __attribute__((always_inline))

/// Where the left factor of a product lies: its element (r, k) at start + r · row_step + k · depth_step.
typedef struct {
  const float *start;
  long row_step, depth_step, rows;
} left_factor;

/// Where the right factor lies: panel p of row k begins at start + p · panel_step + k · depth_step.
typedef struct {
  const float *start;
  long depth_step, panel_step, depth, panels;
} right_factor;

/// How much of the depth is summed at a time, so that what tiles share stays in the first cache; sums go on from `out`, and
/// have the same bits as in one go.
enum { DEPTH = 512 };

/// `rows` × `width` panels of the product in registers; both are constants where this is inlined.
INLINE void tile(const int rows, const int width, left_factor a, long row, right_factor b, long first, long from, float *out,
                 long out_step) {
  panel sum[16];
  const float *left = a.start + row * a.row_step, *right = b.start + first * b.panel_step;
  long to = b.depth - from > DEPTH ? from + DEPTH : b.depth;
#pragma clang loop unroll(full)
  for (int i = 0; i < rows * width; i++) {
    const float *begun = out + (row + i / width) * out_step + (first + i % width) * COPUR_PANEL;
    sum[i] = from == 0 ? (panel){0} : *(const panel *)begun;
  }
  for (long k = from; k < to; k++) {
    panel factors[8];
#pragma clang loop unroll(full)
    for (int p = 0; p < width; p++) factors[p] = *(const panel *)(right + p * b.panel_step + k * b.depth_step);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      float factor = left[r * a.row_step + k * a.depth_step];
#pragma clang loop unroll(full)
      for (int p = 0; p < width; p++) sum[r * width + p] += factor * factors[p];
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int p = 0; p < width; p++)
      *(panel *)(out + (row + r) * out_step + (first + p) * COPUR_PANEL) = sum[r * width + p];
  }
}

/// All panels for a few rows, `width` panels at a time.
INLINE void strip(const int rows, const int width, left_factor a, long row, right_factor b, long from, float *out,
                  long out_step) {
  long p = 0;
  for (; p + width <= b.panels; p += width) tile(rows, width, a, row, b, p, from, out, out_step);
  for (; p < b.panels; p++) tile(rows, 1, a, row, b, p, from, out, out_step);
}

#define PARAMETERS left_factor a, right_factor b, long from, float *out, long out_step
#define STRIP(R, W) strip(R, W, a, r, b, from, out, out_step)

#if defined(__x86_64__)
// 32 registers of one panel each.
__attribute__((target("avx512f,avx512vl,fma"), noinline)) static void product_avx512(PARAMETERS) {
  long r = 0;
  for (; a.rows - r >= 8; r += 8) STRIP(8, 2);
  switch (a.rows - r) {
  case 7: STRIP(7, 2); break;
  case 6: STRIP(6, 2); break;
  case 5: STRIP(5, 2); break;
  case 4: STRIP(4, 4); break;
  case 3: STRIP(3, 4); break;
  case 2: STRIP(2, 4); break;
  case 1: STRIP(1, 8); break;
  }
}

// 16 registers of half a panel.
__attribute__((target("avx2,fma"), noinline)) static void product_avx2(PARAMETERS) {
  long r = 0;
  for (; a.rows - r >= 6; r += 6) STRIP(6, 1);
  for (; a.rows - r >= 3; r += 3) STRIP(3, 2);
  for (; a.rows - r >= 1; r += 1) STRIP(1, 4);
}
#endif

static void product_any(PARAMETERS) {
  long r = 0;
  for (; a.rows - r >= 2; r += 2) STRIP(2, 1);
  for (; a.rows - r >= 1; r += 1) STRIP(1, 2);
}

int copur_has_fma(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return 0;
#endif
}

static int has_avx512(void) {
#if defined(__x86_64__)
  return copur_has_fma() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl");
#else
  return 0;
#endif
}

const char *copur_instructions(void) { return has_avx512() ? "AVX-512" : copur_has_fma() ? "AVX2" : "none"; }

static void product(left_factor a, right_factor b, float *out, long out_step) {
  void (*part)(PARAMETERS) = product_any;
#if defined(__x86_64__)
  if (has_avx512()) part = product_avx512;
  else if (copur_has_fma()) part = product_avx2;
#endif
  // Also once where there is no depth: a sum of nothing is 0.
  long from = 0;
  do {
    part(a, b, from, out, out_step);
    from += DEPTH;
  } while (from < b.depth);
}

void copur_panel_product(const float *a, long stride, long rows, const float *panels, long depth, long panel_count,
                         float *out) {
  left_factor left = {a, stride, 1, rows};
  right_factor right = {panels, COPUR_PANEL, depth * COPUR_PANEL, depth, panel_count};
  product(left, right, out, panel_count * COPUR_PANEL);
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

/// The panels of the transpose of a row-major [columns, depth].
static void transposed_panels(const float *b, long depth, long columns, float *panels) {
  for (long first = 0; first < columns; first += COPUR_PANEL) {
    const float *rows = b + first * depth;
    float *out = panels + first * depth;
    long width = columns - first < COPUR_PANEL ? columns - first : COPUR_PANEL, c = 0;
    for (; c + 4 <= width; c += 4) {
      long k = 0;
      for (; k + 4 <= depth; k += 4) transpose_four(rows + c * depth + k, depth, out + k * COPUR_PANEL + c, COPUR_PANEL);
      for (; k < depth; k++)
        for (int i = 0; i < 4; i++) out[k * COPUR_PANEL + c + i] = rows[(c + i) * depth + k];
    }
    for (; c < COPUR_PANEL; c++)
      for (long k = 0; k < depth; k++) out[k * COPUR_PANEL + c] = c < width ? rows[c * depth + k] : 0;
  }
}

/// A part of a product that fills no panel: the last columns, by way of `part` with room for rows · 16 floats.
static void product_of_last(left_factor a, right_factor last, float *out, long columns, float *part) {
  long rest = columns % COPUR_PANEL, done = columns - rest;
  product(a, last, part, COPUR_PANEL);
  for (long r = 0; r < a.rows; r++) memcpy(out + r * columns + done, part + r * COPUR_PANEL, (size_t)rest * sizeof(float));
}

void copur_product(const float *a, int a_is_transposed, const float *b, int b_is_transposed, long rows, long depth,
                   long columns, float *out, float *workspace) {
  left_factor left = {a, a_is_transposed ? 1 : depth, a_is_transposed ? rows : 1, rows};
  long panels = columns / COPUR_PANEL, rest = columns % COPUR_PANEL, done = panels * COPUR_PANEL;
  if (b_is_transposed) {
    long whole = done * depth, all = (columns + COPUR_PANEL - 1) / COPUR_PANEL * COPUR_PANEL * depth;
    transposed_panels(b, depth, columns, workspace);
    right_factor right = {workspace, COPUR_PANEL, depth * COPUR_PANEL, depth, panels};
    product(left, right, out, columns);
    right_factor last = {workspace + whole, COPUR_PANEL, 0, depth, 1};
    if (rest > 0) product_of_last(left, last, out, columns, workspace + all);
    return;
  }
  right_factor right = {b, columns, COPUR_PANEL, depth, panels};
  product(left, right, out, columns);
  if (rest == 0) return;
  for (long k = 0; k < depth; k++) {
    for (long c = 0; c < COPUR_PANEL; c++) workspace[k * COPUR_PANEL + c] = c < rest ? b[k * columns + done + c] : 0;
  }
  right_factor last = {workspace, COPUR_PANEL, 0, depth, 1};
  product_of_last(left, last, out, columns, workspace + depth * COPUR_PANEL);
}

// On Linux the loader picks the widest form that the machine has. All forms give the same bits where there is FMA: sums are
// kept in lanes that the source names, whatever the width of a register, and no compiler may regroup them.
#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

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

CLONES double copur_dot_double(const double *a, const double *b, long count) {
#define VECTOR(sum) sum += *(const unaligned_lanes *)(a + i) * *(const unaligned_lanes *)(b + i);
#define SCALAR(sum) sum += a[i] * b[i];
  SUM(VECTOR, SCALAR)
#undef VECTOR
#undef SCALAR
}

CLONES void copur_add_double(double *y, double factor, const double *x, long count) {
  for (long i = 0; i < count; i++) y[i] += factor * x[i];
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
