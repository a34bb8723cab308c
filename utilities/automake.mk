# SPDX-License-Identifier: Apache-2.0
EXTRA_DIST += \
	.ci/run \
	utilities/quickstart \
	utilities/quickstart.d/build.sh \
	utilities/quickstart.d/check.sh \
	utilities/quickstart.d/lab.sh \
	utilities/quickstart.d/machine.sh \
	utilities/quickstart.d/step.sh \
	utilities/quickstart.d/stop.sh \
	utilities/quickstart.d/traffic.sh
