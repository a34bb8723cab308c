/* SPDX-License-Identifier: Apache-2.0 */
#ifndef XSK_MODE_H
#define XSK_MODE_H 1

/* How a port uses XDP: where the program runs and whether the driver fills
 * the packet memory itself.  Pure functions, callable from any thread. */

#include <stdbool.h>
#include <stdint.h>

/* In the order in which "best-effort" tries them. */
enum xsk_mode {
    XSK_MODE_BEST_EFFORT,       /* The first of those below that works. */
    XSK_MODE_NATIVE_ZC,         /* In the driver, zero-copy. */
    XSK_MODE_NATIVE,            /* In the driver, one copy. */
    XSK_MODE_GENERIC,           /* In the network stack, any device. */
    N_XSK_MODES
};

/* The value of the option 'xdp-mode', e.g. "native". */
const char *xsk_mode_to_string(enum xsk_mode);

/* Returns false and leaves '*mode' alone if 's' names no mode.  Ignores
 * case. */
bool xsk_mode_from_string(const char *s, enum xsk_mode *mode);

/* XDP_FLAGS_* for attaching a program, XDP_* flags for binding a socket.
 * 'mode' must not be XSK_MODE_BEST_EFFORT. */
uint32_t xsk_mode_attach_flags(enum xsk_mode mode);
uint16_t xsk_mode_bind_flags(enum xsk_mode mode);

#endif /* xsk-mode.h */
