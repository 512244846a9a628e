"""Prints the ARN that the AWS SDK for Python is by its own default chain of credentials."""

import boto3

print(boto3.client("sts").get_caller_identity()["Arn"])
