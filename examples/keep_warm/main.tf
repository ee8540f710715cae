# Keeps Lambda functions warm: written by `cargo warmable template --format terraform`.
# Print it again when the functions change, rather than editing it.

data "aws_partition" "current" {}
data "aws_region" "current" {}
data "aws_caller_identity" "current" {}

locals {
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id
  account   = data.aws_caller_identity.current.account_id
}

resource "aws_cloudwatch_event_rule" "KeepSCVFunctionsWarm" {
  name                = "KeepSCVFunctionsWarm"
  description         = "Keeps Lambda functions warm"
  schedule_expression = "rate(5 minutes)"
  state               = "ENABLED"
}

resource "aws_cloudwatch_event_target" "InvokeTelephonyIntegrationApiFunction_1" {
  rule      = aws_cloudwatch_event_rule.KeepSCVFunctionsWarm.name
  target_id = "InvokeTelephonyIntegrationApiFunction.1"
  arn       = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:InvokeTelephonyIntegrationApiFunction"
}

resource "aws_cloudwatch_event_target" "kvsConsumerTrigger_1" {
  rule      = aws_cloudwatch_event_rule.KeepSCVFunctionsWarm.name
  target_id = "kvsConsumerTrigger.1"
  arn       = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:kvsConsumerTrigger"
}

resource "aws_cloudwatch_event_target" "kvsTranscriber_1" {
  rule      = aws_cloudwatch_event_rule.KeepSCVFunctionsWarm.name
  target_id = "kvsTranscriber.1"
  arn       = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:kvsTranscriber"
}

# Without it EventBridge may not call InvokeTelephonyIntegrationApiFunction.
resource "aws_lambda_permission" "KeepSCVFunctionsWarm_InvokeTelephonyIntegrationApiFunction" {
  statement_id  = "warmable-KeepSCVFunctionsWarm"
  action        = "lambda:InvokeFunction"
  function_name = "InvokeTelephonyIntegrationApiFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.KeepSCVFunctionsWarm.arn
}

# Without it EventBridge may not call kvsConsumerTrigger.
resource "aws_lambda_permission" "KeepSCVFunctionsWarm_kvsConsumerTrigger" {
  statement_id  = "warmable-KeepSCVFunctionsWarm"
  action        = "lambda:InvokeFunction"
  function_name = "kvsConsumerTrigger"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.KeepSCVFunctionsWarm.arn
}

# Without it EventBridge may not call kvsTranscriber.
resource "aws_lambda_permission" "KeepSCVFunctionsWarm_kvsTranscriber" {
  statement_id  = "warmable-KeepSCVFunctionsWarm"
  action        = "lambda:InvokeFunction"
  function_name = "kvsTranscriber"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.KeepSCVFunctionsWarm.arn
}
