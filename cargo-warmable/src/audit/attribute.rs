//! `#[warmable]` over a handler, under whatever path, and its arguments.

use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Token};

use super::Accepts;
use super::handlers::tidy;
use super::sources::Imports;

/// The attribute.
pub(super) struct Warmable {
    /// Its arguments.
    pub(super) policy: Option<String>,
    /// The type that its policy is, where it names one.
    pub(super) named: Option<syn::Path>,
    pub(super) accepts: Accepts,
}

/// The attribute among `attributes`.
pub(super) fn find(attributes: &[Attribute], imports: &Imports) -> Option<Warmable> {
    attributes.iter().find_map(|attribute| of_meta(&attribute.meta, imports))
}

fn of_meta(meta: &Meta, imports: &Imports) -> Option<Warmable> {
    let path = imports.resolve(meta.path(), |full| full.first().is_some_and(|first| first == "warm_runtime"));
    match path.last()?.as_str() {
        "warmable" => Some(warmable(meta)),
        // `#[cfg_attr(feature = "warm", warmable)]`
        "cfg_attr" => {
            let metas = meta.require_list().ok()?.parse_args_with(metas).ok()?;
            metas.iter().skip(1).find_map(|meta| of_meta(meta, imports))
        }
        _ => None,
    }
}

fn metas(input: syn::parse::ParseStream<'_>) -> syn::Result<Punctuated<Meta, Token![,]>> {
    Punctuated::parse_terminated(input)
}

fn warmable(meta: &Meta) -> Warmable {
    let Meta::List(list) = meta else {
        return Warmable { policy: None, named: None, accepts: Accepts::default() };
    };
    let parsed = metas.parse2(list.tokens.clone());
    let unread = parsed.is_err().then(|| "its arguments cannot be parsed".to_owned());
    let arguments = parsed.unwrap_or_default();
    let value = |key: &str| {
        arguments.iter().find_map(|argument| match argument {
            Meta::NameValue(pair) if pair.path.is_ident(key) => Some(&pair.value),
            _ => None,
        })
    };
    let named = value("policy").and_then(|value| match value {
        Expr::Path(path) => Some(path.path.clone()),
        _ => None,
    });
    let accepts = Accepts {
        rules: value("rule").map(strings).unwrap_or_default(),
        sources: value("source").map(strings).filter(|sources| !sources.is_empty()),
        flag: value("flag").and_then(|value| strings(value).pop()),
        unread,
    };
    Warmable {
        policy: Some(tidy(&list.tokens).trim_end_matches(',').to_owned()).filter(|policy| !policy.is_empty()),
        named,
        accepts,
    }
}

/// `"one"`, or `["one", "two"]`.
fn strings(value: &Expr) -> Vec<String> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => vec![text.value()],
        Expr::Array(array) => array.elems.iter().flat_map(strings).collect(),
        _ => Vec::new(),
    }
}
