#!/bin/sh
# Runs every test; exits with 1 when one fails.
cd "$(dirname "$0")" || exit 1
. ./invoice.sh
failed=0

check() {
  if [ "$2" = "$3" ]; then
    echo "ok    $1"
  else
    echo "FAIL  $1: expected $3, got $2"
    failed=$((failed + 1))
  fi
}

check "three pieces cost three times the price" "$(subtotal 3 1250)" 3750
check "a discount takes its share off" "$(discount 10000 15)" 8500
check "half a cent is rounded up" "$(discount 999 50)" 500
check "less than half a cent is rounded down" "$(discount 1001 75)" 250
check "a total is discounted" "$(total 3 1250 15)" 3188

if [ "$failed" -gt 0 ]; then
  echo "$failed of 5 tests failed"
  exit 1
fi
echo "all 5 tests passed"
