#pragma once

#include "CCopurKernels.h"

#define INLINE static inline __attribute__((always_inline))

// On Linux the loader picks the widest form that the machine has. All forms give the same bits where there is FMA: sums are
// kept in lanes that the source names, whatever the width of a register, and no compiler may regroup them.
#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

// Private to this module: products of factors that lie anywhere.

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

/// out = a·b, `out_step` floats a row; with `continues` other than 0, out + a·b, each sum going on from what is there.
///
/// Each element is one sum over the depth in order, in one accumulator, whatever the number of rows.
__attribute__((visibility("hidden"))) void copur_factor_product(left_factor a, right_factor b, float *out, long out_step,
                                                                int continues);
