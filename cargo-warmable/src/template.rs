//! The schedule as a file: for teams whose infrastructure is code already, and who would not let a
//! command-line tool near it. The files under `templates/` are what is printed; here are their
//! names for things, and how each format writes a string.
//!
//! An ARN's region and account are expressions of the format (`${AWS::Region}`, `${local.region}`):
//! one [`Scope`] of such expressions makes the same [`Desired`] resources that `apply` works with.

mod view;
mod write;

use minijinja::value::Value;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::desired::{Desired, Scope};
use crate::fleet::{Fleet, Via};
use view::View;
use write::{hcl, json, shell, sub, ts, yaml};

/// A format that `cargo warmable template` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// AWS SAM, to deploy beside the functions or to paste into their template
    Sam,
    /// AWS CloudFormation
    Cloudformation,
    /// Terraform and OpenTofu, for the hashicorp/aws provider
    Terraform,
    /// A construct for the AWS CDK, in TypeScript
    Cdk,
    /// A shell script that calls the AWS CLI
    AwsCli,
}

const TEMPLATES: [(&str, &str); 8] = [
    ("cloudformation-rule.yaml", include_str!("../templates/cloudformation-rule.yaml.j2")),
    ("cloudformation-scheduler.yaml", include_str!("../templates/cloudformation-scheduler.yaml.j2")),
    ("terraform-rule.tf", include_str!("../templates/terraform-rule.tf.j2")),
    ("terraform-scheduler.tf", include_str!("../templates/terraform-scheduler.tf.j2")),
    ("cdk-rule.ts", include_str!("../templates/cdk-rule.ts.j2")),
    ("cdk-scheduler.ts", include_str!("../templates/cdk-scheduler.ts.j2")),
    ("aws-cli-rule.sh", include_str!("../templates/aws-cli-rule.sh.j2")),
    ("aws-cli-scheduler.sh", include_str!("../templates/aws-cli-scheduler.sh.j2")),
];

impl Format {
    /// Every format, in the order of the manual.
    pub const ALL: [Self; 5] = [Self::Sam, Self::Cloudformation, Self::Terraform, Self::Cdk, Self::AwsCli];

    /// How this format says where a stack is deployed.
    fn scope(self) -> Scope {
        match self {
            Self::Sam | Self::Cloudformation => Scope::new("${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}"),
            Self::Terraform => Scope::new("${local.partition}", "${local.region}", "${local.account}"),
            Self::Cdk => Scope::new("${Aws.PARTITION}", "${Aws.REGION}", "${Aws.ACCOUNT_ID}"),
            Self::AwsCli => Scope::new("${partition}", "${region}", "${account}"),
        }
    }

    fn file(self, via: Via) -> &'static str {
        let scheduler = via == Via::Scheduler;
        match self {
            Self::Sam | Self::Cloudformation if scheduler => "cloudformation-scheduler.yaml",
            Self::Sam | Self::Cloudformation => "cloudformation-rule.yaml",
            Self::Terraform if scheduler => "terraform-scheduler.tf",
            Self::Terraform => "terraform-rule.tf",
            Self::Cdk if scheduler => "cdk-scheduler.ts",
            Self::Cdk => "cdk-rule.ts",
            Self::AwsCli if scheduler => "aws-cli-scheduler.sh",
            Self::AwsCli => "aws-cli-rule.sh",
        }
    }
}

/// The schedule of `fleet` as a file in `format`.
pub fn render(fleet: &Fleet, format: Format) -> String {
    let scope = format.scope();
    let desired = Desired::new(fleet, &scope);
    environment()
        .get_template(format.file(fleet.via))
        .and_then(|template| template.render(View::new(fleet, format, &scope, &desired)))
        .expect("each template is rendered by the tests, and no value can make it fail")
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(true);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_filter("yaml", yaml);
    environment.add_filter("sub", sub);
    environment.add_filter("json", json);
    environment.add_filter("sh", shell);
    environment.add_filter("hcl", |value: Value, depth: Option<usize>| hcl(&value, depth.unwrap_or(0)));
    environment.add_filter("ts", |value: Value, depth: Option<usize>| ts(&value, depth.unwrap_or(0)));
    for (name, source) in TEMPLATES {
        environment.add_template(name, source).expect("each template is rendered by the tests");
    }
    environment
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::tests::fleet;

    fn voice(via: Via) -> Fleet {
        let functions = [
            ("InvokeTelephonyIntegrationApiFunction:live", 1),
            ("kvsConsumerTrigger", 1),
            ("kvsTranscriber:live", 3),
            ("arn:aws:lambda:eu-west-1:123456789012:function:123", 1),
        ];
        fleet(via, &functions)
    }

    #[test]
    fn each_format_prints_the_rules_of_the_voice_functions() {
        for format in Format::ALL {
            let name = format.file(Via::Rule);
            let name = if format == Format::Sam { "sam-rule.yaml" } else { name };
            insta::assert_snapshot!(name, render(&voice(Via::Rule), format));
        }
    }

    #[test]
    fn each_format_prints_the_schedules_of_the_voice_functions() {
        for format in Format::ALL {
            let name = format.file(Via::Scheduler);
            let name = if format == Format::Sam { "sam-scheduler.yaml" } else { name };
            insta::assert_snapshot!(name, render(&voice(Via::Scheduler), format));
        }
    }

    #[test]
    fn a_role_of_ones_own_is_used_as_it_is() {
        let mut fleet = voice(Via::Scheduler);
        fleet.role = Some("arn:aws:iam::123456789012:role/scheduler".to_owned());
        for format in Format::ALL {
            let printed = render(&fleet, format);
            assert!(printed.contains("arn:aws:iam::123456789012:role/scheduler"), "{printed}");
            assert!(!printed.contains("sts:AssumeRole"), "{printed}");
        }
    }
}
