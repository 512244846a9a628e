"""Prints a URL, presigned by the AWS SDK for Python, that asks STS who signed it."""

import boto3

print(boto3.client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET"))
