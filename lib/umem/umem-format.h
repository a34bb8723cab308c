/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UMEM_FORMAT_H
#define UMEM_FORMAT_H 1

struct ds;

/* Appends lines for the operator: each region, and where its frames are. */
void umem_format(struct ds *);

#endif /* umem-format.h */
