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

/// A part of a product: rows and columns, the first and the one after the last. Columns begin at a multiple of 16.
typedef struct {
  long first_row, last_row, first_column, last_column;
} copur_part;

/// out = op(a)·op(b), [rows, columns], row-major as both factors are; op transposes or does nothing. op(a) is [rows, depth] and
/// op(b) [depth, columns]. Each element is summed as by `copur_panel_product`. Only a part of `out` is written. `workspace` has
/// room for `copur_product_workspace` floats.
void copur_product(const float *a, int a_is_transposed, const float *b, int b_is_transposed, long rows, long depth,
                   long columns, copur_part part, float *out, float *workspace);

/// The floats that a product of so many rows, the part's, and such a depth has to have room for.
long copur_product_workspace(long rows, long depth);

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

/// The squared distances of a block from a profile: from 0; from the centre within the subspace of `rank` orthonormal axes,
/// [rank, count], each direction by its scale; and from that subspace. Three numbers; `workspace` has room for 2 · count.
void copur_profile_measures(const float *values, const float *centre, const double *axes, const float *scales,
                            long rank, long count, double *workspace, double *measures);

/// y ← y + factor·x.
void copur_add(float *y, float factor, const float *x, long count);

/// out ← the rows of the given numbers, in that order, of a row-major matrix with so many columns.
void copur_gather(const float *matrix, long columns, const long *numbers, long count, float *out);

/// y ← factor·x.
void copur_scale(float *y, float factor, const float *x, long count);

/// The blocks whose numbers lie side by side, so that one instruction has those of all: number k of block b is at
/// ((b / 8)·n + k)·8 + b mod 8, of n numbers a block. The last ones are padded by zeros, and all begin at a multiple of 64 bytes.
enum { COPUR_BLOCK_LANES = 8 };

/// The observed blocks of a sample on an affine manifold, each reduced to what a code can change.
typedef struct {
  /// The number of them, the greatest rank, and the width of a code.
  long count, rank, size;
  /// Of each block its R, [rank, size]; RᵀR, the lower triangle row by row; Qᵀ(h − μ), [rank]; and what no code changes of
  /// its squared distance.
  const double *matrix, *grams, *target, *rests;
} copur_affine_blocks;

/// The residuals of blocks at a code, [rank] each; their squared norms; and √(squared norm + smoothing²).
typedef struct {
  double *residual, *squares, *norms;
} copur_affine_residuals;

/// Reads a block: its shares of the rows of Qᵀ, [rank, count], every `COPUR_BLOCK_LANES` numbers of `shares`.
///
/// Returns the squared length of what is left of h − μ. `centred` has room for `count`.
double copur_affine_load(const float *values, const double *offset, const double *basis, long rank, long count,
                         double *centred, double *shares);

/// Sets the residuals at a code.
void copur_affine_measure(const copur_affine_blocks *blocks, const double *code, double smoothing,
                          copur_affine_residuals out);

/// norms ← √(squares + smoothing²).
void copur_affine_norms(const double *squares, double smoothing, long blocks, double *norms);

/// The change of the sum of norms by a step, worked out from the step, and the sum of the absolute changes.
void copur_affine_change(const copur_affine_blocks *blocks, const double *step, copur_affine_residuals before,
                         copur_affine_residuals after, double *sum, double *size_of_sum);

/// The lower triangle of H, [size, size], and the gradient in `step`, of Newton's method or of reweighted least squares: with
/// g = Rᵀ·residual and s = norm of each block, in their order, Σ (RᵀR − ggᵀ/s²)/s or Σ RᵀR/s, and Σ g/s.
///
/// Returns Σ 1/s. `workspace` has room for `COPUR_BLOCK_LANES` · size.
double copur_affine_normal(const copur_affine_blocks *blocks, copur_affine_residuals at, int is_newton, double *normal,
                           double *step, double *workspace);

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

/// The geometry of a convolution between a larger image, [rows, columns, channels], and a smaller one, [rows_out, columns_out,
/// filters]. Weights are [kernel, kernel, channels, filters], row-major.
typedef struct {
  long rows, columns, channels, kernel, stride, padding, rows_out, columns_out, filters;
} copur_convolution;

/// The weights in panels of 16 filters, padded by zeros: 16 · kernel² · channels floats for each 16 filters.
void copur_convolution_panels(const copur_convolution *convolution, const float *weights, float *panels);

/// The weights of each tap, transposed, in panels of 16 channels: 16 · filters floats for each tap and 16 channels.
void copur_convolution_tap_panels(const copur_convolution *convolution, const float *weights, float *panels);

/// The floats that a convolution of so many samples has to have room for.
long copur_convolve_workspace(const copur_convolution *convolution, long samples);

/// out = activation(input ∗ weights + bias) at the places from `first` to before `last` of each sample.
///
/// `panels` are of `copur_convolution_panels`. Without a bias it is null. `equal`, null for none, marks places of the image at
/// which all samples are equal. `workspace` has room for `copur_convolve_workspace` floats.
void copur_convolve(const copur_convolution *convolution, const float *input, long samples, const float *panels,
                    const float *bias, float slope, const unsigned char *equal, long first, long last, float *out,
                    float *workspace);

/// Adds the gradient by the weights of some taps, summed over samples, to `weights`, which has filters rounded up to 16.
///
/// `slopes` is the gradient by input ∗ weights. `workspace` has room for (samples + 1) · filters floats, filters rounded up to
/// 16, and samples · (kernel · channels + 16) more.
void copur_convolution_gradient(const copur_convolution *convolution, const float *input, const float *slopes,
                                long samples, const unsigned char *equal, long first_tap, long last_tap, float *weights,
                                float *workspace);

/// The gradient by the images of the samples from `first` to before `last`; 0 at the places that `summed`, if not null, marks.
///
/// `tap_panels` are of `copur_convolution_tap_panels`. `workspace` has room for (last − first) · kernel · channels floats,
/// channels rounded up to 16.
void copur_convolution_pullback(const copur_convolution *convolution, const float *slopes, long first, long last,
                                const float *tap_panels, const unsigned char *summed, float *out, float *workspace);

/// Adds the gradient by the marked places, summed over all samples, to the first sample's. `workspace` has room for filters +
/// kernel · channels floats, channels rounded up to 16.
void copur_convolution_sum_pullback(const copur_convolution *convolution, const float *slopes, long samples,
                                    const float *tap_panels, const unsigned char *summed, float *out, float *workspace);

/// Marks, by 1, each place of an image at which all samples have the same bits.
void copur_equal_places(const float *input, long samples, long places, long channels, unsigned char *equal);

/// velocity ← decay · velocity + gradient; parameters ← parameters − rate · velocity.
void copur_momentum(float *parameters, float *velocity, const float *gradient, long count, float decay, float rate);

/// Adds to sums and squares, `columns` each, those of a row-major [rows, columns] about `center`: Σ (x − center) and
/// Σ (x − center)².
void copur_column_moments(const float *values, long rows, long columns, const float *center, double *sums,
                          double *squares);
