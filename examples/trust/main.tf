# A role that exactly the named Azure DevOps service connections can assume, and the OpenID Connect providers it needs.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.0"
    }
  }
}

variable "role_name" {
  type = string
}

variable "trusted" {
  description = "Issuer, subject and audience as AwsFederate@1 prints them. Several are trusted side by side, as during a change of issuer."
  type = list(object({
    issuer   = string
    subject  = string
    audience = string
  }))
}

variable "existing_issuers" {
  description = "Issuers that this account has a provider for already: an account can have one of each."
  type        = set(string)
  default     = []
}

variable "permission_policy_arns" {
  description = "What the role may do, as ARNs of managed policies."
  type        = set(string)
  default     = []
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  audiences = { for each in var.trusted : each.issuer => each.audience... }
  account   = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}"
}

resource "aws_iam_openid_connect_provider" "issuer" {
  for_each = {
    for issuer, audiences in local.audiences : issuer => audiences if !contains(var.existing_issuers, issuer)
  }

  url            = each.key
  client_id_list = distinct(each.value)
}

resource "aws_iam_role" "pipeline" {
  name = var.role_name

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for each in var.trusted : {
      Effect    = "Allow"
      Principal = { Federated = "${local.account}:oidc-provider/${trimprefix(each.issuer, "https://")}" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${trimprefix(each.issuer, "https://")}:aud" = each.audience
          "${trimprefix(each.issuer, "https://")}:sub" = each.subject
        }
      }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.issuer]
}

resource "aws_iam_role_policy_attachment" "permissions" {
  for_each = var.permission_policy_arns

  role       = aws_iam_role.pipeline.name
  policy_arn = each.value
}

output "role_arn" {
  description = "What the service connection's field \"Role ARN\" takes."
  value       = aws_iam_role.pipeline.arn
}
