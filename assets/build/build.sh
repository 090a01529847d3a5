#!/bin/sh
# Makes the style sheet and the icons that are committed under assets/static.
# Needed only after a change of styles.scss, look/, icons/ or of the templates' classes:
# building and running Campanella need no npm. `build.sh --wide` keeps spare classes for new pages.
set -eu
cd "$(dirname "$0")"
[ -d node_modules/purgecss ] || npm ci --ignore-scripts --no-audit --no-fund
exec node build.mjs "$@"
