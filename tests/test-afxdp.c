/* SPDX-License-Identifier: Apache-2.0 */

/* Drives the pure modules of lib/ from the command line, for tests/. */

#include <config.h>

int
main(void)
{
    return 0;
}
