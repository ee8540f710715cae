# The three voice functions, kept warm by one rule. With cargo-lambda installed, in this directory:
#
#   cargo lambda build --release --arm64 --output-format zip
#   terraform init && terraform apply

terraform {
  required_version = ">= 1.5"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "call_center_api_name" {
  description = "The call center's API name in Salesforce"
  type        = string
  default     = "HVCC"
}

variable "build_directory" {
  description = "Where cargo-lambda puts the functions' archives"
  type        = string
  default     = "../target/lambda"
}

locals {
  functions = {
    InvokeTelephonyIntegrationApiFunction = {
      # A contact flow waits 8 seconds at most.
      timeout     = 8
      environment = { CALL_CENTER_API_NAME = var.call_center_api_name }
    }
    kvsConsumerTrigger = {
      timeout     = 8
      environment = { transcriptionFunction = "kvsTranscriber" }
    }
    kvsTranscriber = {
      # Nobody waits for it: it runs as long as the call.
      timeout     = 900
      environment = {}
    }
  }
}

resource "aws_lambda_function" "voice" {
  for_each = local.functions

  function_name = each.key
  role          = aws_iam_role.voice[each.key].arn
  # cargo-lambda names every program `bootstrap`, which is what the runtime starts.
  handler          = "bootstrap"
  runtime          = "provided.al2023"
  architectures    = ["arm64"]
  memory_size      = 128
  timeout          = each.value.timeout
  filename         = "${var.build_directory}/${each.key}/bootstrap.zip"
  source_code_hash = filebase64sha256("${var.build_directory}/${each.key}/bootstrap.zip")

  dynamic "environment" {
    for_each = length(each.value.environment) > 0 ? [each.value.environment] : []
    content {
      variables = environment.value
    }
  }
}

resource "aws_iam_role" "voice" {
  for_each = local.functions

  name_prefix = "voice-"
  description = "Execution role of ${each.key}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "logs" {
  for_each = local.functions

  role       = aws_iam_role.voice[each.key].name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_iam_role_policy" "invoke_transcriber" {
  name_prefix = "invoke-transcriber-"
  role        = aws_iam_role.voice["kvsConsumerTrigger"].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = aws_lambda_function.voice["kvsTranscriber"].arn
    }]
  })
}

# The schedule, as `cargo warmable template --format terraform` prints it. It names the functions, so they come first.
module "keep_warm" {
  source     = "./keep_warm"
  depends_on = [aws_lambda_function.voice]
}
