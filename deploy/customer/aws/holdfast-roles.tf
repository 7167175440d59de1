# The four roles and their boundary, for Terraform. The policies are the JSON files beside it. This version
# of Holdfast works on RDS instances only, and so do the roles.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = ">= 5.0" }
  }
}

variable "holdfast_principal_arn" {
  type        = string
  description = "The principal of your provider's Holdfast."
}

variable "external_id" {
  type        = string
  description = "As Holdfast shows it for this account; never choose one yourself."
}

locals {
  roles = {
    observe   = "Holdfast reads what is backed up"
    configure = "Holdfast marks what it manages"
    tune      = "Holdfast sets automated backups, under an approved change"
    restore   = "Holdfast restores under new names, after approval"
  }
  trust = replace(
    replace(file("${path.module}/trust.json"), "HOLDFAST_PRINCIPAL_ARN", var.holdfast_principal_arn),
    "EXTERNAL_ID", var.external_id
  )
}

resource "aws_iam_policy" "boundary" {
  name        = "boundary"
  path        = "/holdfast/"
  description = "What no role of Holdfast may ever exceed"
  policy      = file("${path.module}/boundary.json")
}

resource "aws_iam_role" "holdfast" {
  for_each             = local.roles
  name                 = each.key
  path                 = "/holdfast/"
  description          = each.value
  permissions_boundary = aws_iam_policy.boundary.arn
  assume_role_policy   = local.trust
}

resource "aws_iam_role_policy" "holdfast" {
  for_each = local.roles
  name     = each.key
  role     = aws_iam_role.holdfast[each.key].name
  policy   = file("${path.module}/${each.key}.json")
}

output "role_arns" {
  value = { for name, role in aws_iam_role.holdfast : name => role.arn }
}
