#!/usr/bin/env bash
# Lets exactly the named service connections of Azure DevOps assume one IAM role: creates what is missing of the
# OpenID Connect provider, its audience and the role, and sets the role's trust policy. Safe to run again.
#
#   ./cli.sh ROLE ISSUER SUBJECT AUDIENCE [ISSUER SUBJECT AUDIENCE]...
#
# The three values are those that AwsFederate@1 prints. Several triples are trusted side by side, as during a change of
# issuer. Needs bash and the AWS CLI with credentials for IAM in the role's account; AWS CloudShell has both.
set -euo pipefail

if (($# < 4 || ($# - 1) % 3)); then
  echo "usage: $0 ROLE ISSUER SUBJECT AUDIENCE [ISSUER SUBJECT AUDIENCE]..." >&2
  exit 2
fi
# The values become parts of a JSON text as they are, and IAM takes a dollar sign for the start of a variable.
for value in "$@"; do
  case $value in
    *[\"\\\$]*)
      echo "this script cannot take the value: $value" >&2
      exit 2
      ;;
  esac
done

role=$1
shift
# arn:PARTITION:sts::ACCOUNT:…
IFS=: read -r _ partition _ _ account _ < <(aws sts get-caller-identity --query Arn --output text)

statements=
while (($#)); do
  issuer=$1 subject=$2 audience=$3
  shift 3
  name=${issuer#https://}
  provider=arn:$partition:iam::$account:oidc-provider/$name

  if audiences=$(aws iam get-open-id-connect-provider --open-id-connect-provider-arn "$provider" \
    --query ClientIDList --output text 2>/dev/null); then
    if ! tr '\t' '\n' <<<"$audiences" | grep -qxF -- "$audience"; then
      aws iam add-client-id-to-open-id-connect-provider --open-id-connect-provider-arn "$provider" --client-id "$audience"
      echo "added the audience $audience to $provider"
    fi
  else
    aws iam create-open-id-connect-provider --url "$issuer" --client-id-list "$audience" >/dev/null
    echo "created $provider"
  fi

  statements+="${statements:+,}
    {
      \"Effect\": \"Allow\",
      \"Principal\": { \"Federated\": \"$provider\" },
      \"Action\": \"sts:AssumeRoleWithWebIdentity\",
      \"Condition\": { \"StringEquals\": { \"$name:aud\": \"$audience\", \"$name:sub\": \"$subject\" } }
    }"
done
policy="{
  \"Version\": \"2012-10-17\",
  \"Statement\": [$statements
  ]
}"

# What was there before, for undo.sh; only the first run sees it.
before=$role.trust-policy.before.json
if policy_before=$(aws iam get-role --role-name "$role" --query Role.AssumeRolePolicyDocument 2>/dev/null); then
  [[ -e $before ]] || echo "$policy_before" >"$before"
  aws iam update-assume-role-policy --role-name "$role" --policy-document "$policy"
  echo "replaced the trust policy of $role"
else
  echo null >"$before"
  aws iam create-role --role-name "$role" --assume-role-policy-document "$policy" >/dev/null
  echo "created the role $role; it may do nothing until you attach permissions"
fi
echo "keep $before for undo.sh"
