#include "product.h"

typedef float panel __attribute__((vector_size(64), aligned(4)));

/// How much of the depth is summed at a time, so that what tiles share stays in the first cache; sums go on from `out`, and
/// have the same bits as in one go.
enum { DEPTH = 512 };

/// `rows` × `width` panels of the product in registers; both are constants where this is inlined.
INLINE void tile(const int rows, const int width, left_factor a, long row, right_factor b, long first, long from, int continues,
                 float *out, long out_step) {
  panel sum[16];
  const float *left = a.start + row * a.row_step, *right = b.start + first * b.panel_step;
  long to = b.depth - from > DEPTH ? from + DEPTH : b.depth;
#pragma clang loop unroll(full)
  for (int i = 0; i < rows * width; i++) {
    const float *begun = out + (row + i / width) * out_step + (first + i % width) * COPUR_PANEL;
    sum[i] = from == 0 && !continues ? (panel){0} : *(const panel *)begun;
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
INLINE void strip(const int rows, const int width, left_factor a, long row, right_factor b, long from, int continues,
                  float *out, long out_step) {
  long p = 0;
  for (; p + width <= b.panels; p += width) tile(rows, width, a, row, b, p, from, continues, out, out_step);
  for (; p < b.panels; p++) tile(rows, 1, a, row, b, p, from, continues, out, out_step);
}

#define PARAMETERS left_factor a, right_factor b, long from, int continues, float *out, long out_step
#define STRIP(R, W) strip(R, W, a, r, b, from, continues, out, out_step)

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

void copur_factor_product(left_factor a, right_factor b, float *out, long out_step, int continues) {
  void (*part)(PARAMETERS) = product_any;
#if defined(__x86_64__)
  if (has_avx512()) part = product_avx512;
  else if (copur_has_fma()) part = product_avx2;
#endif
  // Also once where there is no depth: a sum of nothing is 0.
  long from = 0;
  do {
    part(a, b, from, continues, out, out_step);
    from += DEPTH;
  } while (from < b.depth);
}
