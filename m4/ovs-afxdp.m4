dnl SPDX-License-Identifier: Apache-2.0

dnl Libraries of our own; Open vSwitch's come through its .la files.
AC_DEFUN([OVS_AFXDP_CHECK_LIBS], [
  PKG_CHECK_MODULES([LIBBPF], [libbpf >= 1.0], [],
    [AC_MSG_ERROR([libbpf not found: apt-get install libbpf-dev])])
  PKG_CHECK_MODULES([LIBXDP], [libxdp >= 1.2], [],
    [AC_MSG_ERROR([libxdp not found: apt-get install libxdp-dev])])
  AC_CHECK_HEADER([numa.h], [],
    [AC_MSG_ERROR([numa.h not found: apt-get install libnuma-dev])])
])

AC_DEFUN([OVS_AFXDP_CHECK_BPF_TOOLS], [
  AC_ARG_VAR([CLANG], [clang, to compile the BPF programs])
  AC_ARG_VAR([BPFTOOL], [bpftool, to generate their skeletons])
  AC_PATH_PROGS([CLANG], [clang clang-19 clang-16 clang-14])
  AS_IF([test -z "$CLANG"],
        [AC_MSG_ERROR([clang not found: apt-get install clang])])
  AC_PATH_PROG([BPFTOOL], [bpftool], [], [$PATH:/usr/sbin:/sbin])
  AS_IF([test -z "$BPFTOOL"],
        [AC_MSG_ERROR([bpftool not found: apt-get install bpftool])])
  AC_PATH_PROGS([LLVM_STRIP], [llvm-strip llvm-strip-19 llvm-strip-16 llvm-strip-14])
  AS_IF([test -z "$LLVM_STRIP"],
        [AC_MSG_ERROR([llvm-strip not found: apt-get install llvm])])
  dnl clang -target bpf does not look into the multiarch directory by itself.
  BPF_CPPFLAGS=
  multiarch=`$CC -print-multiarch 2>/dev/null`
  AS_IF([test -n "$multiarch" && test -d "/usr/include/$multiarch"],
        [BPF_CPPFLAGS="-idirafter /usr/include/$multiarch"])
  AC_SUBST([BPF_CPPFLAGS])
])

dnl Open vSwitch: a tarball or directory to build in the build tree, or a tree
dnl that somebody has built already.
AC_DEFUN([OVS_AFXDP_CHECK_OVS], [
  AC_ARG_WITH([ovs-source],
    [AS_HELP_STRING([--with-ovs-source=DIR-or-tarball],
      [Open vSwitch sources [Debian's openvswitch-source package]])],
    [ovs_package=no],
    [dnl A tarball until 3.1, a directory since 3.2.2.
     ovs_package=yes
     with_ovs_source=/usr/src/openvswitch/openvswitch.tar.gz
     AS_IF([test ! -e "$with_ovs_source" && test -e /usr/src/openvswitch],
           [with_ovs_source=/usr/src/openvswitch])])
  AC_ARG_WITH([ovs-build],
    [AS_HELP_STRING([--with-ovs-build=DIR],
      [where Open vSwitch is built already, with AF_XDP enabled
       [built in this build tree]])],
    [], [with_ovs_build=])

  AS_IF([test ! -e "$with_ovs_source"],
    [AC_MSG_ERROR([$with_ovs_source does not exist: apt-get install \
openvswitch-source, or give --with-ovs-source=DIR-or-tarball])])
  OVS_SOURCE=`cd "\`dirname "$with_ovs_source"\`" && pwd`/`basename "$with_ovs_source"`
  AS_IF([test -n "$with_ovs_build"], [
    AS_IF([test ! -d "$OVS_SOURCE" || test $ovs_package = yes],
      [AC_MSG_ERROR([--with-ovs-build needs --with-ovs-source=DIR, \
the source directory it was built from])])
    OVS_SRCDIR=$OVS_SOURCE
    OVS_BUILDDIR=`cd "$with_ovs_build" && pwd`
    AS_IF([test ! -f "$OVS_BUILDDIR/vswitchd/bridge.o"],
      [AC_MSG_ERROR([$with_ovs_build is not a finished Open vSwitch build: \
run make there])])
    AS_IF([grep -q '^#define HAVE_AF_XDP 1' "$OVS_BUILDDIR/config.h"], [],
      [AC_MSG_ERROR([$with_ovs_build was configured without AF_XDP: \
run its configure with --enable-afxdp])])
  ], [
    AS_IF([test -d "$OVS_SOURCE" && test $ovs_package = no],
          [OVS_SRCDIR=$OVS_SOURCE], [OVS_SRCDIR=`pwd`/ovs/source])
    OVS_BUILDDIR=`pwd`/ovs/build
  ])
  AM_CONDITIONAL([BUILD_OVS], [test -z "$with_ovs_build"])
  AC_SUBST([OVS_SOURCE])
  AC_SUBST([OVS_SRCDIR])
  AC_SUBST([OVS_BUILDDIR])
])

AC_DEFUN([OVS_AFXDP_WARNINGS], [
  AC_ARG_ENABLE([Werror],
    [AS_HELP_STRING([--enable-Werror], [treat warnings as errors])],
    [], [enable_Werror=no])
  WARNING_CFLAGS="-Wall -Wextra -Wno-sign-compare -Wpointer-arith \
-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wshadow \
-Wformat -Wformat-security -Wcast-align -Wbad-function-cast \
-Wmissing-field-initializers -fno-strict-aliasing"
  AC_COMPILE_IFELSE([AC_LANG_PROGRAM([[#ifndef __clang__
#error
#endif]])],
    [WARNING_CFLAGS="$WARNING_CFLAGS -Wthread-safety -Wthread-safety-beta"],
    dnl GCC bug 108187: free() of an AF_XDP packet is an impossible path.
    [WARNING_CFLAGS="$WARNING_CFLAGS -Wno-free-nonheap-object"])
  AS_IF([test "x$enable_Werror" = xyes],
        [WARNING_CFLAGS="$WARNING_CFLAGS -Werror"])
  AC_SUBST([WARNING_CFLAGS])
])
