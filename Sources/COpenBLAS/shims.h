#pragma once
#include <cblas.h>

// LAPACK as Fortran exports it; Debian's libopenblas holds it, its headers do not declare it.

/// Eigenvalues (ascending) and eigenvectors of a symmetric matrix, divide and conquer.
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work,
             const int *lwork, int *iwork, const int *liwork, int *info);
