//! The first stage: the attribute's arguments, checked one by one, so that each mistake is an error of its own.

use std::collections::BTreeSet;
use std::fmt::Display;

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{
    Error, Expr, ExprField, ExprLit, Lit, LitBool, LitInt, LitStr, Member, Path, Result, Token, Type, parse_quote,
};

use crate::duration;
use crate::suggest::nearest;

/// What stands in the parentheses of `#[warmable(…)]`.
pub(crate) struct Args {
    /// Where `warm_runtime` is.
    pub(crate) runtime: Path,
    pub(crate) policy: Policy,
    /// The function that a ping runs before it is answered.
    pub(crate) prime: Option<Path>,
    /// `Self`: the handler is an associated function, which its signature may not show.
    pub(crate) associated: bool,
}

/// Where the handler's policy comes from.
pub(crate) enum Policy {
    Default,
    Named(Box<Type>),
    /// Written here, setting by setting; at least one.
    Written(Vec<Setting>),
}

/// One item of a policy that is written in the attribute.
pub(crate) enum Setting {
    Source(Vec<LitStr>),
    Flag(LitStr),
    Rule(Vec<LitStr>),
    When(Path),
    Status(LitInt),
    Response(LitStr),
    EventType(LitStr),
    Case(Ident),
    Log(Option<Ident>),
    Report(LitBool),
    Metrics(LitStr),
    PrimeTimeout(Milliseconds),
    MaxHold(Milliseconds),
}

pub(crate) type Milliseconds = u64;

/// Every argument with an example, in the order of the documentation.
const KNOWN: &[(&str, &str)] = &[
    ("source", r#"source = "aws.events""#),
    ("flag", r#"flag = "warmer""#),
    ("rule", r#"rule = "KeepSCVFunctionsWarm""#),
    ("when", "when = is_ping"),
    ("status", "status = 200"),
    ("response", r#"response = "warm""#),
    ("event_type", r#"event_type = "EventBridge""#),
    ("case", r#"case = "snake_case""#),
    ("log", r#"log = "debug""#),
    ("report", "report = true"),
    ("metrics", r#"metrics = "Acme/Warm""#),
    ("prime_timeout", r#"prime_timeout = "2s""#),
    ("max_hold", r#"max_hold = "500ms""#),
    ("prime", "prime = refresh"),
    ("policy", "policy = acme::Pings"),
    ("crate", "crate = acme::warm_runtime"),
    ("Self", "Self"),
];

impl Args {
    pub(crate) fn parse(tokens: TokenStream) -> Result<Self> {
        Parsed::parse.parse2(tokens)?.finish()
    }
}

/// The arguments so far, and what was wrong with them.
#[derive(Default)]
struct Parsed {
    seen: BTreeSet<String>,
    runtime: Option<Path>,
    policy: Option<(Ident, Type)>,
    settings: Vec<(Ident, Setting)>,
    prime: Option<Path>,
    associated: bool,
    errors: Option<Error>,
}

impl Parsed {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut parsed = Self::default();
        while !input.is_empty() {
            let name = input.call(Ident::parse_any).map_err(|error| {
                Error::new(
                    error.span(),
                    "`#[warmable]` takes named arguments; write for example `source = \"aws.events\"`",
                )
            })?;
            if let Err(error) = parsed.argument(&name, input) {
                parsed.error(error);
                skip_value(input)?;
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(parsed)
    }

    fn error(&mut self, error: Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }

    fn argument(&mut self, name: &Ident, input: ParseStream<'_>) -> Result<()> {
        let key = name.unraw().to_string();
        let Some((_, example)) = KNOWN.iter().find(|(known, _)| *known == key) else {
            return Err(unknown(name, &key));
        };
        if !self.seen.insert(key.clone()) {
            return Err(Error::new_spanned(name, format_args!("`{key}` is given twice; remove one of them")));
        }
        if key == "Self" {
            self.associated = true;
            return if input.peek(Token![=]) {
                Err(Error::new_spanned(name, "`Self` takes no value; write it alone"))
            } else {
                Ok(())
            };
        }
        if !input.peek(Token![=]) {
            return Err(Error::new_spanned(name, format_args!("`{key}` needs a value; write `{example}`")));
        }
        input.parse::<Token![=]>()?;
        if key == "policy" && !input.peek(Lit) {
            self.policy = Some((name.clone(), input.parse()?));
            return Ok(());
        }
        let value = Value { key: &key, example, expr: input.parse()? };
        match key.as_str() {
            "crate" => self.runtime = Some(value.path("the path of a module")?),
            "prime" => self.prime = Some(value.prime()?),
            "policy" => return Err(value.wrong("the path of a type")),
            _ => self.settings.push((name.clone(), value.setting()?)),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Args> {
        if let Some((policy, _)) = &self.policy {
            let beside = self.settings.iter().map(|(name, _)| name);
            let errors: Vec<_> = beside
                .map(|name| {
                    let message = format!(
                        "`{name}` has no effect beside `{policy}`; set it in the policy, or remove one of the two"
                    );
                    Error::new_spanned(name, message)
                })
                .collect();
            errors.into_iter().for_each(|error| self.error(error));
        }
        let timed = self.settings.iter().find(|(_, setting)| matches!(setting, Setting::PrimeTimeout(_)));
        if let (Some((name, _)), false, None) = (timed, self.seen.contains("prime"), &self.policy) {
            let message = format!("`{name}` has no effect without `prime`; write `prime = refresh` beside it");
            let error = Error::new_spanned(name, message);
            self.error(error);
        }
        if let Some(errors) = self.errors {
            return Err(errors);
        }
        let policy = match self.policy {
            Some((_, policy)) => Policy::Named(Box::new(policy)),
            None if self.settings.is_empty() => Policy::Default,
            None => Policy::Written(self.settings.into_iter().map(|(_, setting)| setting).collect()),
        };
        let runtime = self.runtime.unwrap_or_else(|| parse_quote!(::warm_runtime));
        Ok(Args { runtime, policy, prime: self.prime, associated: self.associated })
    }
}

fn unknown(name: &Ident, key: &str) -> Error {
    let names: Vec<_> = KNOWN.iter().map(|(known, _)| *known).collect();
    let hint = match nearest(key, &names) {
        Some(near) => format!("did you mean `{near}`? "),
        None => String::new(),
    };
    let message = format!("`#[warmable]` has no argument `{key}`; {hint}it takes {}", names.join(", "));
    Error::new_spanned(name, message)
}

/// After an error, goes on behind the argument, so that a mistake in the next one is reported as well.
fn skip_value(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

/// An argument's value before it is known to be of the right kind.
struct Value<'a> {
    key: &'a str,
    example: &'a str,
    expr: Expr,
}

impl Value<'_> {
    fn setting(self) -> Result<Setting> {
        Ok(match self.key {
            "source" => Setting::Source(self.strings()?),
            "flag" => Setting::Flag(self.name_string()?),
            "rule" => Setting::Rule(self.rules()?),
            "when" => Setting::When(self.path("the name of a function, `fn(&ScheduledEvent<'_>) -> bool`")?),
            "status" => Setting::Status(self.status()?),
            "response" => Setting::Response(self.string("a string")?),
            "event_type" => Setting::EventType(self.string("a string")?),
            "case" => Setting::Case(self.case()?),
            "log" => Setting::Log(self.level()?),
            "report" => Setting::Report(self.bool()?),
            "metrics" => Setting::Metrics(self.namespace()?),
            "prime_timeout" => Setting::PrimeTimeout(self.time()?),
            "max_hold" => Setting::MaxHold(self.time()?),
            key => unreachable!("`{key}` is in KNOWN but has no meaning"),
        })
    }

    fn wrong(&self, takes: &str) -> Error {
        self.refuse(format_args!("`{}` takes {takes}; write `{}`", self.key, self.example))
    }

    fn refuse(&self, message: impl Display) -> Error {
        Error::new_spanned(&self.expr, message)
    }

    fn literal(&self) -> Option<&Lit> {
        match &self.expr {
            Expr::Lit(ExprLit { lit, .. }) => Some(lit),
            _ => None,
        }
    }

    fn path(&self, takes: &str) -> Result<Path> {
        match &self.expr {
            Expr::Path(path) if path.qself.is_none() => Ok(path.path.clone()),
            _ => Err(self.wrong(takes)),
        }
    }

    fn prime(&self) -> Result<Path> {
        if let Expr::Field(ExprField { member: Member::Named(method), .. }) = &self.expr {
            return Err(self.refuse(format_args!("a method is named through its type; write `prime = Self::{method}`")));
        }
        self.path("the name of a function, `async fn(&Ping, …) -> Result<(), impl Display>`")
    }

    fn string(&self, takes: &str) -> Result<LitStr> {
        match self.literal() {
            Some(Lit::Str(text)) => Ok(text.clone()),
            _ => Err(self.wrong(takes)),
        }
    }

    fn bool(&self) -> Result<LitBool> {
        match self.literal() {
            Some(Lit::Bool(on)) => Ok(on.clone()),
            _ => Err(self.wrong("`true` or `false`")),
        }
    }

    fn time(&self) -> Result<Milliseconds> {
        let takes = r#"a time above zero in "ms", "s" or "m""#;
        duration::milliseconds(&self.string(takes)?.value()).ok_or_else(|| self.wrong(takes))
    }

    /// CloudWatch's rules for a namespace.
    fn namespace(&self) -> Result<LitStr> {
        let takes = "the name of a CloudWatch namespace, 1 to 255 of the characters A-Z a-z 0-9 . - _ / # :, not beginning with `AWS/`";
        let namespace = self.string(takes)?;
        let name = namespace.value();
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_/#:".contains(c);
        let valid = (1..=255).contains(&name.len()) && name.chars().all(allowed) && !name.starts_with("AWS/");
        if valid { Ok(namespace) } else { Err(self.wrong(takes)) }
    }

    /// A string that names something, so that an empty one cannot be meant.
    fn name_string(&self) -> Result<LitStr> {
        let text = self.string("the name of a field")?;
        if text.value().is_empty() { Err(self.wrong("the name of a field, which is not empty")) } else { Ok(text) }
    }

    fn strings(&self) -> Result<Vec<LitStr>> {
        let takes = "a string or a list of strings";
        let texts = match &self.expr {
            Expr::Array(array) => {
                let elements = array.elems.iter();
                elements.map(|expr| Value { expr: expr.clone(), ..*self }.string(takes)).collect::<Result<Vec<_>>>()?
            }
            _ => vec![self.string(takes)?],
        };
        if texts.is_empty() {
            return Err(self.refuse(format_args!(
                "with an empty list of `{}` no event would be a ping; write `{}`",
                self.key, self.example
            )));
        }
        match texts.iter().find(|text| text.value().is_empty()) {
            Some(text) => Err(Error::new_spanned(
                text,
                format_args!("no event has an empty `{}`; write `{}`", self.key, self.example),
            )),
            None => Ok(texts),
        }
    }

    fn rules(&self) -> Result<Vec<LitStr>> {
        let rules = self.strings()?;
        for rule in &rules {
            let name = rule.value();
            let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
            if name.len() > 64 || !name.chars().all(allowed) {
                let message = format!(
                    "EventBridge has no rule `{name}`: write the rule's name, not its ARN: \
                     1 to 64 of the characters A-Z a-z 0-9 . - _"
                );
                return Err(Error::new_spanned(rule, message));
            }
        }
        Ok(rules)
    }

    fn status(&self) -> Result<LitInt> {
        let takes = "an HTTP status code, 100 to 599";
        match self.literal() {
            Some(Lit::Int(status)) if matches!(status.base10_parse::<u16>(), Ok(100..=599)) => Ok(status.clone()),
            _ => Err(self.wrong(takes)),
        }
    }

    /// The name of a variant of `warm_runtime::Case`.
    fn case(&self) -> Result<Ident> {
        let takes = r#""camelCase" or "snake_case""#;
        let text = self.string(takes)?;
        match text.value().as_str() {
            "camelCase" => Ok(Ident::new("Camel", text.span())),
            "snake_case" => Ok(Ident::new("Snake", text.span())),
            _ => Err(self.wrong(takes)),
        }
    }

    /// The name of a constant of `tracing::Level`; none for `false`.
    fn level(&self) -> Result<Option<Ident>> {
        let takes = r#"`true`, `false`, "error", "warn", "info", "debug" or "trace""#;
        match self.literal() {
            Some(Lit::Bool(on)) => Ok(on.value.then(|| Ident::new("INFO", on.span))),
            Some(Lit::Str(text)) => match text.value().as_str() {
                level @ ("error" | "warn" | "info" | "debug" | "trace") => {
                    Ok(Some(Ident::new(&level.to_uppercase(), text.span())))
                }
                _ => Err(self.wrong(takes)),
            },
            _ => Err(self.wrong(takes)),
        }
    }
}
