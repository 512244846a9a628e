"""Prints who the AWS SDK for Python is by its own default chain of credentials.

One JSON object with Account and Arn on stdout; the SDK's own traceback and exit code 1 where it fails.
"""

import json

import boto3

identity = boto3.client("sts").get_caller_identity()
print(json.dumps({"Account": identity["Account"], "Arn": identity["Arn"]}))
