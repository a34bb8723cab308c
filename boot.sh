#!/bin/sh
exec autoreconf --install --force --warnings=all,no-obsolete
