#!/usr/bin/env bash
# Runs what pages tell a reader to run: the first block of commands under each heading that begins with
# "## A first example", and all of docs/tour.md.
# Each command must exit 0.
# Usage: tests/pages/run.sh FOLDER_OF_RECUR [PAGE...]
set -euo pipefail
PATH=$(cd "$1" && pwd):$PATH
shift
docs=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../docs" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

blocks() { # of a page, from headings that begin so: all, or only the first below each
  awk -v from="$2" -v all="$3" '
    index($0, from) == 1 { inside = 1 }
    inside && /^```/ { if (!code && $0 != "```") skip = 1; code = !code; if (!code) { if (!skip && !all) inside = 0; skip = 0 } next }
    inside && code && !skip
  ' "$docs/$1.md"
}

pages=("$@")
if ((${#pages[@]} == 0)); then
  for page in "$docs"/*.md; do
    name=$(basename "$page" .md)
    if [[ $name == tour ]] || grep -q '^## A first example' "$page"; then pages+=("$name"); fi
  done
fi
for page in "${pages[@]}"; do
  mkdir "$work/$page"
  if [[ $page == tour ]]; then blocks "$page" '#' 1; else blocks "$page" '## A first example' 0; fi >"$work/$page.sh"
  [[ -s $work/$page.sh ]] || { echo "$page: no commands" >&2; exit 1; }
  echo "-- $page"
  (cd "$work/$page" && bash -euo pipefail "$work/$page.sh" >output 2>&1) ||
    { cat "$work/$page/output" >&2; echo "$page: failed" >&2; exit 1; }
done
