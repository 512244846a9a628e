#!/usr/bin/env bash
# Takes back what cli.sh set up, by the file ROLE.trust-policy.before.json that it left in the current folder: a role that
# was there before gets its own trust policy back; one that cli.sh created is deleted, with its permissions. A provider is
# deleted when no role trusts it any more.
#
#   ./undo.sh ROLE ISSUER [ISSUER]...
set -euo pipefail

if (($# < 2)); then
  echo "usage: $0 ROLE ISSUER [ISSUER]..." >&2
  exit 2
fi

role=$1
shift
before=$role.trust-policy.before.json
if [[ ! -e $before ]]; then
  echo "$before is not here, so nothing says what was there before: change the role by hand" >&2
  exit 1
fi
IFS=: read -r _ partition _ _ account _ < <(aws sts get-caller-identity --query Arn --output text)

if [[ $(<"$before") != null ]]; then
  aws iam update-assume-role-policy --role-name "$role" --policy-document "file://$before"
  echo "gave $role its earlier trust policy back"
else
  for policy in $(aws iam list-attached-role-policies --role-name "$role" --query 'AttachedPolicies[].PolicyArn' --output text); do
    aws iam detach-role-policy --role-name "$role" --policy-arn "$policy"
  done
  for policy in $(aws iam list-role-policies --role-name "$role" --query PolicyNames --output text); do
    aws iam delete-role-policy --role-name "$role" --policy-name "$policy"
  done
  aws iam delete-role --role-name "$role"
  echo "deleted the role $role"
fi
rm "$before"

for issuer in "$@"; do
  provider=arn:$partition:iam::$account:oidc-provider/${issuer#https://}
  users=$(aws iam list-roles --output text \
    --query "Roles[?contains(to_string(AssumeRolePolicyDocument), '$provider\"')].RoleName")
  if [[ $users ]]; then
    echo "kept $provider: these roles trust it: $users"
  else
    aws iam delete-open-id-connect-provider --open-id-connect-provider-arn "$provider"
    echo "deleted $provider"
  fi
done
