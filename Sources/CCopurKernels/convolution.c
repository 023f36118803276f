#include "product.h"

#include <string.h>

// A convolution is a sum of products, one for each place of the smaller side and each row of the kernel: the rows are the
// samples, so no image is unfolded but for one window of short filters, places beyond an edge cost nothing, and each element is one sum in a fixed order whatever
// the number of samples. Functions take a part of the work each, for several cores; the bits do not depend on the parts.

static long panels_of(long columns) { return (columns + COPUR_PANEL - 1) / COPUR_PANEL; }

/// A run of taps in one row of the kernel that lies on the image: from `tap` on, `count` of them, at `place` and its right.
typedef struct {
  long tap, count, place;
} run;

/// The run of a kernel's row at a place of the smaller side; 0 if none of it lies on the image.
static int run_of(const copur_convolution *c, long place, long kernel_row, run *out) {
  long row = place / c->columns_out * c->stride - c->padding + kernel_row;
  long column = place % c->columns_out * c->stride - c->padding;
  if (row < 0 || row >= c->rows) return 0;
  long first = column < 0 ? -column : 0;
  long last = column + c->kernel > c->columns ? c->columns - column : c->kernel;
  if (first >= last) return 0;
  *out = (run){kernel_row * c->kernel + first, last - first, row * c->columns + column + first};
  return 1;
}

void copur_convolution_panels(const copur_convolution *c, const float *weights, float *panels) {
  long depth = c->kernel * c->kernel * c->channels, count = panels_of(c->filters);
  for (long p = 0; p < count; p++)
    for (long k = 0; k < depth; k++)
      for (long i = 0; i < COPUR_PANEL; i++) {
        long f = p * COPUR_PANEL + i;
        panels[(p * depth + k) * COPUR_PANEL + i] = f < c->filters ? weights[k * c->filters + f] : 0;
      }
}

void copur_convolution_tap_panels(const copur_convolution *c, const float *weights, float *panels) {
  long taps = c->kernel * c->kernel, depth = c->filters, count = panels_of(c->channels);
  for (long tap = 0; tap < taps; tap++)
    for (long p = 0; p < count; p++) {
      float *out = panels + (tap * count + p) * depth * COPUR_PANEL;
      for (long i = 0; i < COPUR_PANEL; i++) {
        long channel = p * COPUR_PANEL + i;
        const float *row = weights + (tap * c->channels + channel) * c->filters;
        for (long f = 0; f < depth; f++) out[f * COPUR_PANEL + i] = channel < c->channels ? row[f] : 0;
      }
    }
}

/// sums += image · weights for a run of taps; the rows are samples.
static void add_run(const copur_convolution *c, const float *input, long samples, const float *panels, run r,
                    float *sums) {
  long depth = c->kernel * c->kernel * c->channels, count = panels_of(c->filters);
  left_factor left = {input + r.place * c->channels, c->rows * c->columns * c->channels, 1, samples};
  right_factor right = {panels + r.tap * c->channels * COPUR_PANEL, COPUR_PANEL, depth * COPUR_PANEL,
                        r.count * c->channels, count};
  copur_factor_product(left, right, sums, count * COPUR_PANEL, 1);
}

/// Takes the next stretch, whose places are all marked or all not, off a run's beginning; 0 if nothing is left.
static int take_stretch(run *rest, const unsigned char *marks, run *stretch, int *is_marked) {
  if (rest->count == 0) return 0;
  *is_marked = marks ? marks[rest->place] : 0;
  long end = 1;
  while (end < rest->count && (marks ? marks[rest->place + end] : 0) == *is_marked) end++;
  *stretch = (run){rest->tap, end, rest->place};
  *rest = (run){rest->tap + end, rest->count - end, rest->place + end};
  return 1;
}

/// Whether the rows of a filter are so short that copying a place's window costs less than a product for each of them.
static int is_narrow(const copur_convolution *c) { return c->kernel * c->channels < 64; }

long copur_convolve_workspace(const copur_convolution *c, long samples) {
  long window = is_narrow(c) ? c->kernel * c->kernel * c->channels : 0;
  return (samples + 1) * panels_of(c->filters) * COPUR_PANEL + samples * window;
}

/// sums = image · weights at a place, by way of each sample's window with zeros beyond the edges; the bits of a product for each
/// row of the filter.
static void add_windows(const copur_convolution *c, const float *input, long samples, const float *panels, long place,
                        float *sums, float *windows) {
  long depth = c->kernel * c->kernel * c->channels, image = c->rows * c->columns * c->channels;
  memset(windows, 0, (size_t)(samples * depth) * sizeof(float));
  for (long k = 0; k < c->kernel; k++) {
    run whole;
    if (!run_of(c, place, k, &whole)) continue;
    const float *from = input + whole.place * c->channels;
    float *to = windows + whole.tap * c->channels;
    size_t bytes = (size_t)(whole.count * c->channels) * sizeof(float);
    for (long s = 0; s < samples; s++) memcpy(to + s * depth, from + s * image, bytes);
  }
  left_factor left = {windows, depth, 1, samples};
  right_factor right = {panels, COPUR_PANEL, depth * COPUR_PANEL, depth, panels_of(c->filters)};
  copur_factor_product(left, right, sums, panels_of(c->filters) * COPUR_PANEL, 0);
}

CLONES void copur_convolve(const copur_convolution *c, const float *input, long samples, const float *panels, const float *bias,
                    float slope, const unsigned char *equal, long first, long last, float *out, float *workspace) {
  long width = panels_of(c->filters) * COPUR_PANEL, step = c->rows_out * c->columns_out * c->filters;
  float *sums = workspace, *base = workspace + samples * width;
  for (long place = first; place < last; place++) {
    memset(base, 0, (size_t)width * sizeof(float));
    if (equal) {
      for (long k = 0; k < c->kernel; k++) {
        run rest, stretch;
        int is_marked;
        if (!run_of(c, place, k, &rest)) continue;
        while (take_stretch(&rest, equal, &stretch, &is_marked))
          if (is_marked) add_run(c, input, 1, panels, stretch, base);
      }
    }
    int is_whole = !equal && is_narrow(c), has_begun = is_whole;
    if (is_whole) add_windows(c, input, samples, panels, place, sums, base + width);
    for (long k = 0; !is_whole && k < c->kernel; k++) {
      run rest, stretch;
      int is_marked;
      if (!run_of(c, place, k, &rest)) continue;
      while (take_stretch(&rest, equal, &stretch, &is_marked)) {
        if (is_marked) continue;
        for (long s = 0; !has_begun && s < samples; s++)
          memcpy(sums + s * width, base, (size_t)width * sizeof(float));
        has_begun = 1;
        add_run(c, input, samples, panels, stretch, sums);
      }
    }
    // Where nothing was added to it, all samples have the base.
    float *row = has_begun ? sums : base;
    for (long s = 0; s < (has_begun ? samples : 1); s++, row += width)
      for (long f = 0; f < c->filters; f++) {
        float value = row[f] + (bias ? bias[f] : 0);
        row[f] = value > 0 ? value : slope * value;
      }
    for (long s = 0; s < samples; s++)
      memcpy(out + s * step + place * c->filters, has_begun ? sums + s * width : base,
             (size_t)c->filters * sizeof(float));
  }
}

CLONES void copur_convolution_gradient(const copur_convolution *c, const float *input, const float *slopes, long samples,
                                const unsigned char *equal, long first_tap, long last_tap, float *weights,
                                float *workspace) {
  long width = panels_of(c->filters) * COPUR_PANEL, step = c->rows_out * c->columns_out * c->filters;
  long image = c->rows * c->columns * c->channels;
  // Runs are copied so that samples do not lie a power of two apart, which would crowd them into a few lines of the cache.
  long run_width = c->kernel * c->channels + COPUR_PANEL;
  float *packed = workspace, *sums = packed + samples * width, *runs = sums + width;
  memset(packed, 0, (size_t)(samples * width) * sizeof(float));
  for (long place = 0; place < c->rows_out * c->columns_out; place++) {
    for (long s = 0; s < samples; s++)
      memcpy(packed + s * width, slopes + s * step + place * c->filters, (size_t)c->filters * sizeof(float));
    if (equal) {
      memset(sums, 0, (size_t)width * sizeof(float));
      for (long s = 0; s < samples; s++)
        for (long f = 0; f < width; f++) sums[f] += packed[s * width + f];
    }
    for (long k = first_tap / c->kernel; k * c->kernel < last_tap; k++) {
      run rest, stretch;
      int is_marked;
      if (!run_of(c, place, k, &rest)) continue;
      long from = first_tap - rest.tap > 0 ? first_tap - rest.tap : 0;
      long to = last_tap - rest.tap < rest.count ? last_tap - rest.tap : rest.count;
      if (from >= to) continue;
      rest = (run){rest.tap + from, to - from, rest.place + from};
      while (take_stretch(&rest, equal, &stretch, &is_marked)) {
        long values = stretch.count * c->channels;
        float *out = weights + stretch.tap * c->channels * width;
        const float *start = input + stretch.place * c->channels;
        if (is_marked) {
          for (long v = 0; v < values; v++)
            for (long f = 0; f < width; f++) out[v * width + f] += start[v] * sums[f];
        } else {
          for (long s = 0; s < samples; s++)
            memcpy(runs + s * run_width, start + s * image, (size_t)values * sizeof(float));
          left_factor left = {runs, 1, run_width, values};
          right_factor right = {packed, width, COPUR_PANEL, samples, width / COPUR_PANEL};
          copur_factor_product(left, right, out, width, 1);
        }
      }
    }
  }
}

CLONES void copur_convolution_pullback(const copur_convolution *c, const float *slopes, long first, long last,
                                const float *tap_panels, const unsigned char *summed, float *out, float *workspace) {
  long count = panels_of(c->channels), width = count * COPUR_PANEL, samples = last - first;
  long step = c->rows_out * c->columns_out * c->filters, image = c->rows * c->columns * c->channels;
  if (samples <= 0) return;
  memset(out + first * image, 0, (size_t)(samples * image) * sizeof(float));
  for (long place = 0; place < c->rows_out * c->columns_out; place++) {
    left_factor left = {slopes + first * step + place * c->filters, step, 1, samples};
    for (long k = 0; k < c->kernel; k++) {
      run rest, stretch;
      int is_marked;
      if (!run_of(c, place, k, &rest)) continue;
      while (take_stretch(&rest, summed, &stretch, &is_marked)) {
        if (!is_marked) {
          long wide = stretch.count * width;
          right_factor right = {tap_panels + stretch.tap * count * c->filters * COPUR_PANEL, COPUR_PANEL,
                                c->filters * COPUR_PANEL, c->filters, stretch.count * count};
          copur_factor_product(left, right, workspace, wide, 0);
          for (long s = 0; s < samples; s++) {
            float *target = out + (first + s) * image + stretch.place * c->channels;
            const float *sum = workspace + s * wide;
            for (long t = 0; t < stretch.count; t++)
              for (long i = 0; i < c->channels; i++) target[t * c->channels + i] += sum[t * width + i];
          }
        }
      }
    }
  }
}

CLONES void copur_convolution_sum_pullback(const copur_convolution *c, const float *slopes, long samples,
                                    const float *tap_panels, const unsigned char *summed, float *out, float *workspace) {
  long count = panels_of(c->channels), width = count * COPUR_PANEL;
  long step = c->rows_out * c->columns_out * c->filters;
  float *sums = workspace, *products = workspace + c->filters;
  for (long place = 0; place < c->rows_out * c->columns_out; place++) {
    int is_needed = 0;
    for (long k = 0; k < c->kernel; k++) {
      run whole;
      if (run_of(c, place, k, &whole))
        for (long t = 0; t < whole.count; t++) is_needed |= summed[whole.place + t];
    }
    if (!is_needed) continue;
    memset(sums, 0, (size_t)c->filters * sizeof(float));
    for (long s = 0; s < samples; s++)
      for (long f = 0; f < c->filters; f++) sums[f] += slopes[s * step + place * c->filters + f];
    left_factor left = {sums, c->filters, 1, 1};
    for (long k = 0; k < c->kernel; k++) {
      run rest, stretch;
      int is_marked;
      if (!run_of(c, place, k, &rest)) continue;
      while (take_stretch(&rest, summed, &stretch, &is_marked)) {
        if (is_marked) {
          right_factor right = {tap_panels + stretch.tap * count * c->filters * COPUR_PANEL, COPUR_PANEL,
                                c->filters * COPUR_PANEL, c->filters, stretch.count * count};
          copur_factor_product(left, right, products, stretch.count * width, 0);
          for (long t = 0; t < stretch.count; t++)
            for (long i = 0; i < c->channels; i++)
              out[(stretch.place + t) * c->channels + i] += products[t * width + i];
        }
      }
    }
  }
}

void copur_equal_places(const float *input, long samples, long places, long channels, unsigned char *equal) {
  for (long place = 0; place < places; place++) {
    const float *start = input + place * channels;
    size_t bytes = (size_t)channels * sizeof(float);
    long s = 1;
    while (s < samples && memcmp(start, start + s * places * channels, bytes) == 0) s++;
    equal[place] = s >= samples;
  }
}
