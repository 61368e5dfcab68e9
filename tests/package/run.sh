#!/usr/bin/env bash
# Installs a build, then uses the installed tree as a stranger would: every example by CMake's find_package, one of them
# by pkg-config alone, and the program. Each example must run and exit 0.
# Usage: tests/package/run.sh BUILD_FOLDER COMPILER
set -euo pipefail
build=$1 compiler=$2
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/prefix" # an installed tree may be moved
prefix=$work/prefix
"$prefix/bin/recur" --help >/dev/null
[[ $(find "$prefix" -name LICENSE) ]]

cmake -G Ninja -S "$source/tests/package" -B "$work/consumer" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$prefix" >/dev/null
cmake --build "$work/consumer"

examples=("$work"/consumer/bin/*)
mkdir "$work/run"
cd "$work/run"
for example in "${examples[@]}"; do
  echo "-- ${example##*/}"
  "$example" </dev/null
done

echo "-- pkg-config"
export PKG_CONFIG_PATH
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name recur.pc)")
name=${examples[0]##*/}
# shellcheck disable=SC2046 # the options are words
"$compiler" -std=c++20 -O1 $(pkg-config --cflags recur) "$source/examples/$name.cc" \
  $(pkg-config --static --libs recur) -o "$work/by_pkg_config"
"$work/by_pkg_config" </dev/null >/dev/null
