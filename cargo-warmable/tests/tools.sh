#!/usr/bin/env bash
# Installs the outside programs that some tests need: an emulated AWS, the AWS CLI, and what checks
# the templates. Prints the folder; the tests find it in WARMABLE_TEST_TOOLS:
#
#     export WARMABLE_TEST_TOOLS="$(cargo-warmable/tests/tools.sh)"
set -euo pipefail

root="$(cd "$(dirname "$0")/../.." && pwd)"
tools="${1:-$root/target/warmable-tools}"
mkdir -p "$tools"

if [ ! -x "$tools/python/bin/moto_server" ]; then
  python3 -m venv "$tools/python" >&2
  "$tools/python/bin/pip" install --quiet 'moto[server]==5.2.5' 'awscli==1.46.3' 'cfn-lint==1.58.0' 'python-hcl2==8.1.4' >&2
fi

if [ ! -x "$tools/node/node_modules/.bin/cdk" ]; then
  mkdir -p "$tools/node"
  npm install --silent --no-audit --no-fund --prefix "$tools/node" \
    aws-cdk@2.1148.1 aws-cdk-lib@2.276.0 constructs@10.8.1 typescript@7.0.2 >&2
fi

echo "$tools"
