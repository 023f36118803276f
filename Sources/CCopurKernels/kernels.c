#include "CCopurKernels.h"

#include <stdlib.h>
#include <string.h>

// The panels' loads are aligned; rows of `out` are too, but nothing is gained by promising it.
typedef float panel __attribute__((vector_size(64)));
typedef float unaligned_panel __attribute__((vector_size(64), aligned(4)));

#define INLINE static inline __attribute__((always_inline))

/// `rows` × `width` panels of the product in registers; both are constants where this is inlined.
INLINE void tile(const int rows, const int width, const float *a, long stride, const float *b, long depth, float *out,
                 long out_stride) {
  panel sum[16];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows * width; i++) sum[i] = (panel){0};
  for (long k = 0; k < depth; k++) {
    panel right[8];
#pragma clang loop unroll(full)
    for (int p = 0; p < width; p++) right[p] = *(const panel *)(b + (p * depth + k) * COPUR_PANEL);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      float left = a[r * stride + k];
#pragma clang loop unroll(full)
      for (int p = 0; p < width; p++) sum[r * width + p] += left * right[p];
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int p = 0; p < width; p++)
      *(unaligned_panel *)(out + r * out_stride + p * COPUR_PANEL) = sum[r * width + p];
  }
}

/// All panels for a few rows, `width` panels at a time.
INLINE void strip(const int rows, const int width, const float *a, long stride, const float *b, long depth, long count,
                  float *out) {
  long p = 0;
  for (; p + width <= count; p += width)
    tile(rows, width, a, stride, b + p * depth * COPUR_PANEL, depth, out + p * COPUR_PANEL, count * COPUR_PANEL);
  for (; p < count; p++)
    tile(rows, 1, a, stride, b + p * depth * COPUR_PANEL, depth, out + p * COPUR_PANEL, count * COPUR_PANEL);
}

#define PARAMETERS                                                                                             \
  const float *a, long stride, long rows, const float *b, long depth, long count, float *out
#define STRIP(R, W) strip(R, W, a + r * stride, stride, b, depth, count, out + r * count * COPUR_PANEL)

#if defined(__x86_64__)
// 32 registers of one panel each.
__attribute__((target("avx512f,avx512vl,fma"), noinline)) static void product_avx512(PARAMETERS) {
  long r = 0;
  for (; rows - r >= 8; r += 8) STRIP(8, 2);
  switch (rows - r) {
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
  for (; rows - r >= 6; r += 6) STRIP(6, 1);
  for (; rows - r >= 3; r += 3) STRIP(3, 2);
  for (; rows - r >= 1; r += 1) STRIP(1, 4);
}
#endif

static void product_any(PARAMETERS) {
  long r = 0;
  for (; rows - r >= 2; r += 2) STRIP(2, 1);
  for (; rows - r >= 1; r += 1) STRIP(1, 2);
}

void copur_panel_product(PARAMETERS) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) {
    product_avx512(a, stride, rows, b, depth, count, out);
    return;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    product_avx2(a, stride, rows, b, depth, count, out);
    return;
  }
#endif
  product_any(a, stride, rows, b, depth, count, out);
}

// The order of these sums depends on the count alone. On Linux the loader picks the widest form that the machine has.
#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

CLONES double copur_squared_distance(const float *a, const float *b, long count) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (long i = 0; i < count; i++) {
    double difference = (double)a[i] - (double)b[i];
    sum += difference * difference;
  }
  return sum;
}

CLONES double copur_difference(float *difference, const float *a, const float *b, long count) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (long i = 0; i < count; i++) {
    float value = a[i] - b[i];
    difference[i] = value;
    sum += (double)value * (double)value;
  }
  return sum;
}

CLONES double copur_dot(const float *a, const float *b, long count) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (long i = 0; i < count; i++) sum += (double)a[i] * (double)b[i];
  return sum;
}

CLONES double copur_dot_double(const double *a, const double *b, long count) {
#pragma clang fp reassociate(on)
  double sum = 0;
  for (long i = 0; i < count; i++) sum += a[i] * b[i];
  return sum;
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
